// node:http with a keep-alive agent and JSON.parse: what any client on it has to pay.
import { Agent, request } from "node:http";
import { answerCalls } from "../harness/client-calls.mjs";

const headers = { accept: "application/json", authorization: "Bearer demo-token" };

answerCalls(({ port }) => {
  const agent = new Agent({ keepAlive: true });
  const options = { agent, host: "127.0.0.1", port, path: "/v2/user/profile", headers };
  return () =>
    new Promise((resolve, reject) => {
      const outgoing = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(JSON.parse(text).data.user_name));
        response.on("error", reject);
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
});
