import { randomBytes } from "node:crypto";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/store/database.ts";
import { startTestServer, type TestServer } from "../store/_test-server.ts";
import { call, exchange, expectErrors, FORM, getProfile, getTokens, issueCode, logOut } from "./_api.ts";

const CANARY = "cAnArY7f3e9b21";

let broker: TestServer;
let lines: string[] = [];
beforeAll(async () => {
  const log = pino({ level: "trace" }, { write: (line: string) => lines.push(line) });
  broker = await startTestServer({ database: "sqlite::memory:", masterKey: randomBytes(32), log });
});
beforeEach(() => {
  lines = [];
});
afterAll(() => broker[Symbol.asyncDispose]());

/** Runs with one of the store's doors broken, and mends it. */
async function withBroken(door: "read" | "write", error: Error, run: () => Promise<void>): Promise<void> {
  const { db } = broker.server.parts;
  // An own property hides the method of the class, until it is taken away again.
  Object.defineProperty(db, door, { value: () => Promise.reject(error), configurable: true });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(db, door);
  }
}

describe("a defect of our own (S-112)", () => {
  it("is 500 UDAPI100500 without a word of what happened, and one line in the log", async () => {
    const { access } = await getTokens(broker);
    const defect = new Error(`SELECT * FROM secrets WHERE x = '${CANARY}' at /srv/${CANARY}.ts:1`);
    lines = [];
    await withBroken("read", defect, async () => {
      const answer = await getProfile(broker, access);
      expectErrors(answer, 500, ["UDAPI100500", null]);
      expect(answer.text).not.toContain(CANARY);
      expect(answer.text).not.toMatch(/SELECT|\.ts/);
    });
    expect(lines.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toHaveLength(1);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("never lets a request through: a token check that cannot read is no yes", async () => {
    await withBroken("read", new Error("broken"), async () => {
      expect((await getProfile(broker, "x")).status).toBe(401);
      expect((await getProfile(broker, `kupx_at_${"0".repeat(24)}${"A".repeat(43)}`)).status).toBe(500);
    });
  });
});

describe("a store that cannot write (S-30)", () => {
  it("acknowledges neither logout, revocation nor exchange, and nothing has changed", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const { access } = await getTokens(broker);
    const code = await issueCode(broker);
    await withBroken("write", new StoreUnavailable("busy"), async () => {
      const exchanged = await exchange(broker, code);
      expectErrors(exchanged, 503, "UDAPI100500");
      expect(exchanged.headers.get("retry-after")).toBe("5");
      expectErrors(await logOut(broker, access), 503, "UDAPI100500");
      const body = new URLSearchParams({ token: access, client_id: clientId, client_secret: clientSecret }).toString();
      const revoked = await call(broker, "POST", "/oauth/revoke", { headers: FORM, body });
      expect([revoked.status, revoked.json]).toEqual([503, { error: "server_error" }]);
    });
    expect((await getProfile(broker, access)).status).toBe(200);
    expect((await exchange(broker, code)).status).toBe(200);
  });
});

describe("log and metrics (S-96)", () => {
  it("hold nothing a caller sent, in whatever place", async () => {
    const { clientSecret } = broker.upstox.app;
    const code = await issueCode(broker);
    const { access } = await getTokens(broker);
    await exchange(broker, code);
    await exchange(broker, CANARY, { client_secret: CANARY });
    await getProfile(broker, CANARY);
    const json = { "content-type": "application/json" };
    await call(broker, "GET", `/v2/user/profile?x=${CANARY}`, {
      headers: { "user-agent": CANARY, cookie: `x=${CANARY}` },
    });
    await call(broker, "GET", `/${CANARY}`);
    await call(broker, "POST", `/v3/login/auth/token/request/${CANARY}`, {
      headers: json,
      body: `{"client_secret":"${CANARY}"}`,
    });
    await call(broker, "PUT", "/v2/user/ip", { token: access, headers: json, body: `{"primary_ip":"${CANARY}"` });
    await withBroken("read", new Error("broken"), async () => {
      await exchange(broker, CANARY);
    });

    const metrics = await call(broker, "GET", "/metrics");
    expect(metrics.status).toBe(200);
    const written = lines.join("") + metrics.text;
    expect(lines.length).toBeGreaterThan(7);
    for (const secret of [CANARY, code, code.slice(-43), access, access.slice(-43), clientSecret]) {
      expect(written).not.toContain(secret);
    }
    // The search works: the pattern of a route is there.
    expect(written).toContain("/v2/login/authorization/token");
  });

  it("one line per request is JSON, whatever was sent (S-97)", async () => {
    await call(broker, "GET", "/v2/user/profile?x=%0d%0a%1b%5b31m", { headers: { "x-odd": "\u001b[31m".slice(1) } });
    await call(broker, "GET", `/v2/${"a".repeat(5000)}`);
    for (const line of lines) {
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(line.length).toBeLessThan(2000);
      expect(() => JSON.parse(line)).not.toThrow();
    }
  });
});
