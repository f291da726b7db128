// The far side of the client benchmark: answers every request with the same profile, as cheaply as node:http can, over
// plain HTTP and over TLS.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
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
const HEADERS = { "content-type": "application/json", "content-length": Buffer.byteLength(PROFILE) };

answerParent({ start });

/** @param tls `key` and `cert` as PEM @returns the addresses `http` and `https` */
async function start(tls) {
  return {
    http: `http://127.0.0.1:${await listen(createServer(answer))}`,
    https: `https://127.0.0.1:${await listen(createTlsServer(tls, answer))}`,
  };
}

function answer(request, response) {
  request.resume();
  response.writeHead(200, HEADERS).end(PROFILE);
}

function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}
