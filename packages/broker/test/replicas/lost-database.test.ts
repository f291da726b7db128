import { randomBytes } from "node:crypto";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { startPostgres } from "../../../../test/_postgres/start-postgres.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { UNLIMITED } from "../store/_unlimited.ts";
import { type Answer, exchange, getProfile, issueCode, tokensOf } from "../upstox/_api.ts";

const CODES = 300;
const IN_FLIGHT = 12;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What the client knows of each code: the token it got, or that the answer was none. */
type Ledger = Map<string, string | undefined>;

/** Exchanges codes as they come; a 503 is noted, and the code not sent again. */
async function exchangeAll(broker: TestBroker, codes: string[], ledger: Ledger): Promise<void> {
  const work = async () => {
    for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
      const answer: Answer = await exchange(broker, code);
      expect([200, 503], answer.text).toContain(answer.status);
      if (answer.status === 503) expect(answer.headers.get("retry-after")).toBe("5");
      ledger.set(code, answer.status === 200 ? tokensOf(answer).access : undefined);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

/** No token that was given is lost, and no code works twice. */
async function expectLedgerToHold(broker: TestBroker, ledger: Ledger): Promise<void> {
  for (const [code, token] of ledger) {
    if (token !== undefined) expect((await getProfile(broker, token)).status).toBe(200);
    const again = await exchange(broker, code);
    // After a 503 nobody can know; if the code still works, it works once.
    expect(token === undefined ? [200, 400] : [400]).toContain(again.status);
    expect((await exchange(broker, code)).status).toBe(400);
  }
  const { db, keys } = broker.server.parts;
  expect((await db.read(() => verifyAudit(keys.audit))).outcome).toBe("whole");
}

describe("a broker whose Postgres goes away and comes back, under load (S-116, S-121, S-122)", () => {
  it("gives no token that is lost and takes no code twice when its backends are terminated", async () => {
    await using server = await startPostgres();
    await using broker = await start(server.url);
    const codes = await Promise.all(Array.from({ length: CODES }, () => issueCode(broker)));
    const ledger: Ledger = new Map();
    const done = exchangeAll(broker, [...codes], ledger);
    const admin = new pg.Client(server.url);
    await admin.connect();
    for (let round = 0; round < 12; round++) {
      await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
      for (const target = ledger.size + CODES / 20; ledger.size < Math.min(target, CODES); ) await turn();
    }
    await admin.end();
    await done;
    expect([...ledger.values()].filter((token) => token !== undefined).length).toBeGreaterThan(CODES / 2);
    await expectLedgerToHold(broker, ledger);
  }, 120_000);

  it.each(["crash", "stop"] as const)(
    "serves again after a %s of the database, without its own restart",
    async (end) => {
      await using server = await startPostgres();
      await using broker = await start(server.url);
      const codes = await Promise.all(Array.from({ length: CODES }, () => issueCode(broker)));
      const ledger: Ledger = new Map();
      const done = exchangeAll(broker, codes.splice(0, 200), ledger);
      while (ledger.size < 50) await turn();
      await server[end]();
      expect((await fetch(`${broker.url}/health/ready`)).status).toBe(503);
      await server.start();
      const tenSeconds = AbortSignal.timeout(10_000);
      let status = 0;
      while (status !== 200 && !tenSeconds.aborted) status = (await fetch(`${broker.url}/health/ready`)).status;
      expect(status).toBe(200);
      await done;
      await exchangeAll(broker, codes, ledger);
      expect([...ledger.values()].slice(-100).every((token) => token !== undefined)).toBe(true);
      await expectLedgerToHold(broker, ledger);
    },
    120_000,
  );
});

async function start(database: string): Promise<TestBroker> {
  return await startBroker({ database, masterKey: randomBytes(32), customers: 2, settings: UNLIMITED });
}
