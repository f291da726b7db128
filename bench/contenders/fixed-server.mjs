// The far side of the client benchmark: answers every request with the same profile, as cheaply as node:http can.
import { createServer } from "node:http";
import { answerParent } from "../harness/child-calls.mjs";

const PROFILE = JSON.stringify({
  status: "success",
  data: {
    email: "demo.customer.1@example.in",
    exchanges: ["NSE", "NFO", "BSE", "CDS", "BFO", "BCD"],
    products: ["D", "CO", "I", "MTF"],
    broker: "UPSTOX",
    user_id: "DEMO01",
    user_name: "Demo Customer 1",
    order_types: ["MARKET", "LIMIT", "SL", "SL-M"],
    user_type: "individual",
    poa: false,
    ddpi: true,
    is_active: true,
  },
});

answerParent({ start });

function start() {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(PROFILE) };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, headers).end(PROFILE);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ port: server.address().port }));
  });
}
