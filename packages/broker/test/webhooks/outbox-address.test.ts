import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { startServer } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import { seedUpstoxDemo, upstoxDemo } from "../../src/upstox/demo-upstox.ts";
import { accountIdOf, customer } from "../login/_people.ts";
import { approveInStore, outboxRows } from "./_approved-request.ts";
import { httpTarget } from "./_targets.ts";

/** A broker as in production, with one app whose webhook leads to `notifierUrl`, and its delivery tried once. */
async function tryDelivery(notifierUrl: string, settings: Readonly<Record<string, string>> = {}) {
  const server = await startServer({
    port: 0,
    host: "127.0.0.1",
    database: "sqlite::memory:",
    masterKey: randomBytes(32),
    settings: readSettings({ KUNJI_MESSAGE_SENDER: "http://127.0.0.1:9/", ...settings }),
    control: true,
  });
  try {
    const upstox = upstoxDemo({ customers: 1, redirectUri: "https://desk.example.in/cb", notifierUrl });
    await seedUpstoxDemo(server.parts, upstox);
    await approveInStore(server.parts, upstox.app.clientId, accountIdOf(customer({ upstox }, 0)));
    server.control?.clock.advance(0);
    await server.settled();
    const [row] = await outboxRows(server.parts);
    return { state: row?.state, attempts: row?.attempts };
  } finally {
    await server.close(1_000);
  }
}

describe("where webhooks may go outside demo mode (S-64, S-65, S-66)", () => {
  it("is never loopback, in any spelling: nothing connects, and the delivery waits", async () => {
    const target = await httpTarget((_request, response) => response.end("ok"));
    try {
      for (const host of [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
      ]) {
        for (const scheme of ["http", "https"]) {
          expect(await tryDelivery(`${scheme}://${host}:${target.port}/hook`)).toEqual({
            state: "waiting",
            attempts: 1,
          });
        }
      }
      expect(target.connections()).toBe(0);
    } finally {
      await target.close();
    }
  });

  it.each(["https://10.0.0.1/", "https://169.254.169.254/latest/", "https://192.168.1.1/", "https://[fd00::1]/"])(
    "is not %s",
    async (url) => {
      expect(await tryDelivery(url)).toEqual({ state: "waiting", attempts: 1 });
    },
  );

  it("is loopback where the operator switched that on", async () => {
    const target = await httpTarget((_request, response) => response.end("ok"));
    try {
      const url = `http://127.0.0.1:${target.port}/hook`;
      const delivered = await tryDelivery(url, { KUNJI_WEBHOOK_LOOPBACK: "true" });
      expect(delivered).toEqual({ state: "delivered", attempts: 1 });
    } finally {
      await target.close();
    }
  });
});
