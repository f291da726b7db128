// Where the broker posts its SMS messages, and where simulated customers look at their phones.
import { createServer } from "node:http";

/** @returns `{ url, nextOtp(mobile), close() }`; `nextOtp` resolves with the newest code, when there is one */
export async function startSmsGateway() {
  const arrived = new Map();
  const readers = new Map();
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const { to, otp } = JSON.parse(text);
      response.writeHead(202).end();
      if (otp === undefined) return;
      const reader = readers.get(to.mobile);
      readers.delete(to.mobile);
      if (reader) reader(otp);
      else arrived.set(to.mobile, otp);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/send`,
    async nextOtp(mobile) {
      const otp = arrived.get(mobile);
      arrived.delete(mobile);
      return otp ?? (await new Promise((resolve) => readers.set(mobile, resolve)));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
