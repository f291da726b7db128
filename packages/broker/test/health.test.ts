import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { SettableClock } from "../src/clock.ts";
import { StoreUnavailable } from "../src/store/database.ts";
import { SqliteDatabase } from "../src/store/sqlite/sqlite-database.ts";
import { execute } from "../src/store/verb.ts";
import { temporaryDirectory } from "./store/_child-broker.ts";
import { startTestServer, type TestServer } from "./store/_test-server.ts";

const masterKey = randomBytes(32);
const start = (options: Partial<Parameters<typeof startTestServer>[0]> = {}): Promise<TestServer> =>
  startTestServer({ database: "sqlite::memory:", masterKey, ...options });

async function ready({ url }: Pick<TestServer, "url">, agent: Agent | false = false) {
  const [response] = (await once(request(`${url}/health/ready`, { agent }).end(), "response")) as [IncomingMessage];
  return [response.statusCode, ((await json(response)) as { status: string }).status];
}

describe("GET /health/ready", () => {
  it("says ready, and live beside it", async () => {
    await using broker = await start();
    expect(await ready(broker)).toEqual([200, "ready"]);
    expect((await fetch(`${broker.url}/health/live`)).status).toBe(200);
  });

  it("is off on connections that are still open while the broker stops (S-115)", async () => {
    await using broker = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await ready(broker, agent)).toEqual([200, "ready"]);
    await broker.server.stopAccepting();
    expect(await ready(broker, agent)).toEqual([503, "draining"]);
    await expect(ready(broker)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    agent.destroy();
  });

  it("is off with a clock that is more than a minute behind, until it is right (S-114)", async () => {
    const clock = new SettableClock();
    clock.freeze(Date.now());
    await using broker = await start({ clock });
    clock.advance(-59);
    expect(await ready(broker)).toEqual([200, "ready"]);
    clock.advance(-10);
    expect(await ready(broker)).toEqual([503, "clock behind"]);
    clock.advance(120);
    expect(await ready(broker)).toEqual([200, "ready"]);
  });

  it("is off for good after a commit failed, though reads go on (S-119)", async () => {
    using directory = temporaryDirectory();
    await using broker = await start({ database: `sqlite:${join(directory.path, "broker.db")}` });
    const { db } = broker.server.parts;
    // On Postgres nothing that happens to the database is final for the broker.
    if (!(db instanceof SqliteDatabase)) return;
    db.pragma(`max_page_count = ${db.pragma("page_count")}`);
    const large = "x".repeat(50_000);
    const write = db.write(() => execute("INSERT INTO facts (name, value) VALUES ('large', ?)", large));
    await expect(write).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await ready(broker)).toEqual([503, "store failed"]);
  });

  it("is off while the database does not answer", async () => {
    await using broker = await start();
    const { db } = broker.server.parts;
    const read = db.read;
    db.read = () => Promise.reject(new StoreUnavailable("away"));
    expect(await ready(broker)).toEqual([503, "store unavailable"]);
    db.read = read;
    expect(await ready(broker)).toEqual([200, "ready"]);
  });
});

describe("GET /metrics", () => {
  it("answers who asks on this machine, and nobody a proxy speaks for, whatever host that names", async () => {
    await using broker = await start();
    const ask = async (headers: Record<string, string>) => (await fetch(`${broker.url}/metrics`, { headers })).status;
    expect(await ask({})).toBe(200);
    for (const [name, value] of Object.entries({
      "x-forwarded-for": "203.0.113.7",
      "x-real-ip": "203.0.113.7",
      "x-forwarded-host": "login.example.in",
      forwarded: "for=203.0.113.7",
      via: "1.1 proxy",
    })) {
      expect(await ask({ [name]: value }), name).toBe(404);
    }
  });
});
