import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keepHouse } from "../../src/housekeeping.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { sweepExpired } from "../../src/store/sweep.ts";
import { selectOne } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import {
  accountIdOf,
  exchange,
  expectErrors,
  getProfile,
  getTokens,
  issueCode,
  MORNING,
  tokensOf,
} from "../upstox/_api.ts";
import { approveInStore } from "../webhooks/_approved-request.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

const LAPSED_THROTTLES = `throttles WHERE expires_at <= ${MORNING + (2 * DAY + 1) * 1000}`;

type Table = "codes" | "tokens" | "attempts" | "token_requests" | "outbox" | "audit" | typeof LAPSED_THROTTLES;

async function count(table: Table): Promise<number> {
  const row = await broker.server.parts.db.read(() => selectOne<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`));
  return row?.n ?? -1;
}

describe("housekeeping", () => {
  it("removes nothing that lives, at any hour of two days", async () => {
    const extended = (await getTokens(broker)).extended;
    for (let hour = 0; hour < 48; hour++) {
      const code = await issueCode(broker);
      await keepHouse(broker.server.parts);
      const { access } = tokensOf(await exchange(broker, code));
      await keepHouse(broker.server.parts);
      expect((await getProfile(broker, access)).status).toBe(200);
      expect((await getProfile(broker, extended)).status).toBe(200);
      broker.clock.advance(HOUR);
    }
  });

  it("keeps a spent code as long as the token it bought: a replay still kills that (S-14)", async () => {
    const code = await issueCode(broker);
    const { access } = tokensOf(await exchange(broker, code));
    broker.clock.freeze(Date.parse("2026-11-26T03:29:00+05:30"));
    await keepHouse(broker.server.parts);
    expect((await getProfile(broker, access)).status).toBe(200);
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
  });

  it("removes attempts, codes, access tokens and throttles once they are dead, and no audit row (S-98)", async () => {
    await broker.login("upstox");
    const { extended } = await getTokens(broker);
    const audit = await count("audit");
    broker.clock.advance(2 * DAY + 1);
    await keepHouse(broker.server.parts);
    expect([await count("attempts"), await count("codes"), await count(LAPSED_THROTTLES)]).toEqual([0, 0, 0]);
    expect(await count("tokens")).toBe(1);
    expect((await getProfile(broker, extended)).status).toBe(200);
    expect(await count("audit")).toBe(audit);
    const { db, keys } = broker.server.parts;
    expect((await db.read(() => verifyAudit(keys.audit))).outcome).toBe("whole");
  });

  it("removes token requests and deliveries with the token they were about", async () => {
    const { parts } = broker.server;
    await approveInStore(parts, broker.upstox.app.clientId, accountIdOf(broker, 0));
    const tables = async () => [await count("token_requests"), await count("outbox"), await count("tokens")];
    // Frozen a moment before the token dies; whether anybody took the delivery does not matter.
    broker.clock.freeze(Date.parse("2026-11-26T03:29:00+05:30"));
    await keepHouse(parts);
    expect(await tables()).toEqual([1, 1, 1]);
    broker.clock.advance(2 * DAY);
    await keepHouse(parts);
    expect(await tables()).toEqual([0, 0, 0]);
  });

  it("removes an extended token once its year is over, and gives out a new one then", async () => {
    const { extended } = await getTokens(broker);
    broker.clock.advance(365 * DAY - 1);
    await keepHouse(broker.server.parts);
    expect((await getProfile(broker, extended)).status).toBe(200);
    broker.clock.advance(1);
    expectErrors(await getProfile(broker, extended), 401, "UDAPI100050");
    broker.clock.advance(3 * DAY);
    await keepHouse(broker.server.parts);
    expect(await count("tokens")).toBe(0);
    const next = await getTokens(broker);
    expect(next.extended).not.toBe(extended);
    expect((await getProfile(broker, next.extended)).status).toBe(200);
  });

  it("takes a few at a time and says how many", async () => {
    for (let n = 0; n < 7; n++) await issueCode(broker);
    const later = MORNING + (2 * DAY + 1) * 1000;
    const { db } = broker.server.parts;
    expect(await db.write(() => sweepExpired(later, 5))).toBe(5);
    expect(await count("codes")).toBe(2);
    expect(await db.write(() => sweepExpired(later, 5))).toBe(2);
    expect(await db.write(() => sweepExpired(later, 5))).toBe(0);
  });

  it("looks at extended tokens that stay once, not in every round", async () => {
    const { parts } = broker.server;
    for (const customer of [0, 1])
      await approveInStore(parts, broker.upstox.app.clientId, accountIdOf(broker, customer));
    await getTokens(broker);
    const code = await issueCode(broker);
    await exchange(broker, code);
    const later = MORNING + (2 * DAY + 1) * 1000;
    const before = await count("tokens");
    const looked: number[] = [];
    do looked.push(await parts.db.write(() => sweepExpired(later, 1_000)));
    while (looked.at(-1) !== 0);
    expect(looked).toHaveLength(2);
    // The extended one is still there, and nobody looks at it any more.
    expect([before > 1, await count("tokens")]).toEqual([true, 1]);
  });

  it("removes tokens of a few at a time, whatever stays between them", async () => {
    const { parts } = broker.server;
    await getTokens(broker);
    for (let n = 0; n < 4; n++) await exchange(broker, await issueCode(broker));
    const later = MORNING + (2 * DAY + 1) * 1000;
    while ((await parts.db.write(() => sweepExpired(later, 2))) > 0);
    expect(await count("tokens")).toBe(1);
    expect((await parts.db.read(() => selectOne<{ kind: string }>("SELECT kind FROM tokens")))?.kind).toBe("extended");
  });
});
