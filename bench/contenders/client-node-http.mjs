// node:http or node:https with a keep-alive agent and JSON.parse: what any client on it has to pay.
import * as http from "node:http";
import * as https from "node:https";
import { answerCalls } from "../harness/client-calls.mjs";

const headers = { accept: "application/json", authorization: "Bearer demo-token" };

answerCalls(({ origin }) => {
  const { protocol, hostname, port } = new URL(origin);
  const { Agent, request } = protocol === "https:" ? https : http;
  const options = { agent: new Agent({ keepAlive: true }), host: hostname, port, path: "/v2/user/profile", headers };
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
