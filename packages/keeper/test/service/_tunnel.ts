import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** The owner's TLS proxy or tunnel: takes what the broker posts, and passes it on to where the receiver is. */
export interface Tunnel extends AsyncDisposable {
  /** To register with the broker. */
  readonly url: string;
  /** From then on messages are passed on. */
  readonly leadTo: (address: string) => void;
}

export async function startTunnel(): Promise<Tunnel> {
  let address: string | undefined;
  const server = createServer((incoming, outgoing) => {
    if (address === undefined) {
      outgoing.writeHead(502).end();
      return;
    }
    const { method, headers } = incoming;
    const passedOn = request(address, { method, headers: { ...headers, host: new URL(address).host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.pipe(outgoing);
    });
    passedOn.on("error", () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/from-the-broker`,
    leadTo(next) {
      address = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
