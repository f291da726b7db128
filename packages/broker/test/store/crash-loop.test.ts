import { randomBytes, randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyAudit } from "../../src/store/audit.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { type Answer, exchange, getProfile, tokensOf } from "../upstox/_api.ts";
import { type ChildBroker, startChildBroker } from "./_child-broker.ts";
import { lastingDatabase } from "./_lasting-database.ts";
import { UNLIMITED } from "./_unlimited.ts";

const KILLS = 8;
const CODES = 120;
const IN_FLIGHT = 12;

/** What the client knows of each code: the token it got, or that it never heard. */
type Ledger = Map<string, string | undefined>;

/** Exchanges codes until the server is gone; it is killed at a random moment among the answers. */
async function exchangeUntilKilled(child: ChildBroker, app: { upstox: TestApp }, ledger: Ledger): Promise<void> {
  let answersLeft = randomInt(1, CODES - IN_FLIGHT);
  let killed: Promise<void> | undefined;
  const codes = [...child.codes];
  const work = async () => {
    for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
      ledger.set(code, undefined);
      let answer: Answer;
      try {
        answer = await exchange({ url: child.url, ...app }, code);
      } catch {
        return;
      }
      expect(answer.status, answer.text).toBe(200);
      ledger.set(code, tokensOf(answer).access);
      // Not at an answer but somewhere within the work on the next ones.
      if (--answersLeft === 0) setTimeout(() => (killed = child.kill()), randomInt(0, 4));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  await (killed ?? child.kill());
}

type TestApp = Parameters<typeof exchange>[0]["upstox"];

describe("kill -9 in the middle of exchanges (S-116, S-117)", () => {
  it("loses no token that a client was given, and leaves no code that works twice", async () => {
    await using database = await lastingDatabase();
    const masterKey = randomBytes(32);
    const open = () => startBroker({ database: database.url, masterKey, customers: 2, settings: UNLIMITED });
    const { upstox } = await useOnce(open);

    const ledger: Ledger = new Map();
    for (let round = 0; round < KILLS; round++) {
      await exchangeUntilKilled(await startChildBroker(database.url, masterKey, CODES), { upstox }, ledger);
    }

    await using broker = await open();
    const { db, keys } = broker.server.parts;
    expect((await db.read(() => verifyAudit(keys.audit))).outcome).toBe("whole");
    const issued = await db.read(() =>
      selectAll<{ detail: string }>("SELECT detail FROM audit WHERE event = 'token.issued'"),
    );
    const audited = new Set(issued.map((row) => (JSON.parse(row.detail) as { token: string }).token));

    const given = [...ledger.values()].filter((token) => token !== undefined);
    expect(given.length).toBeGreaterThan(KILLS);
    for (const token of given) {
      expect((await getProfile(broker, token)).status).toBe(200);
      // S-98: the row of the audit is of the same transaction.
      expect(audited).toContain(token.slice("kupx_at_".length, "kupx_at_".length + 24));
    }
    for (const [code, token] of ledger) {
      const answer = await exchange(broker, code);
      // Without an answer nobody can know; if the code still works, it works once.
      if (token !== undefined) expect(answer.status).toBe(400);
      expect((await exchange(broker, code)).status).toBe(400);
    }
    // Starting a process eight times takes its time on a busy machine.
  }, 120_000);
});

async function useOnce<T extends AsyncDisposable>(open: () => Promise<T>): Promise<T> {
  await using opened = await open();
  return opened;
}
