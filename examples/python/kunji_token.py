"""Prints the access token that `kunji keep` holds for an account: python3 kunji_token.py upstox [account]"""
import http.client, json, os, socket, sys

SOCKET = os.environ.get("KUNJI_SOCKET", os.path.expanduser("~/.local/share/kunji/service/keeper.sock"))


class KeeperConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)


def token(broker, account="default", wait=0):
    connection = KeeperConnection("localhost")
    connection.request("GET", f"/v1/tokens/{broker}/{account}?wait={wait}")
    answer = json.load(connection.getresponse())
    if "accessToken" not in answer:
        raise RuntimeError(f"{answer['message']}. {answer.get('nextStep', '')}")
    return answer["accessToken"]


if __name__ == "__main__":
    print(token(*sys.argv[1:3]))
