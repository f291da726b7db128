import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { peekQuota, type StrikeRule, strike, takeFromQuota } from "../../src/store/throttles.ts";
import { MORNING } from "../upstox/_api.ts";

const MINUTE = 60_000;
const QUOTA = { limit: 3, windowMs: 10 * MINUTE };
const RULE: StrikeRule = { free: 3, firstDelayMs: MINUTE, maxDelayMs: 60 * MINUTE, forgetAfterMs: 24 * 60 * MINUTE };

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: "sqlite::memory:", keyCheck: "", now: MORNING, onFailure() {} });
});
afterAll(() => database.close());

const take = async (key: string, now: number) => (await database.write(() => takeFromQuota(key, QUOTA, now))).allowed;
const peek = async (key: string, now: number) => (await database.read(() => peekQuota(key, QUOTA, now))).allowed;
const hit = async (key: string, now: number) => (await database.write(() => strike(key, RULE, now))).allowed;

async function inTurn<T>(calls: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const call of calls) results.push(await call());
  return results;
}

describe("a quota", () => {
  it("is as large as it says, until its window is over", async () => {
    const times = [0, 1, 9 * MINUTE, 9.5 * MINUTE, 10 * MINUTE - 1, 10 * MINUTE];
    const taken = await inTurn(times.map((time) => () => take("plain", MORNING + time)));
    expect(taken).toEqual([true, true, true, false, false, true]);
    expect(await database.write(() => takeFromQuota("plain", { ...QUOTA, limit: 1 }, MORNING + 15 * MINUTE))).toEqual({
      allowed: false,
      retryAt: MORNING + 20 * MINUTE,
    });
  });

  it("is not outrun by tries that come at once (S-47)", async () => {
    const taken = await Promise.all(Array.from({ length: 50 }, () => take("at once", MORNING)));
    expect(taken.filter((isAllowed) => isAllowed)).toHaveLength(3);
  });

  it("counts tries from a clock that is a little behind the one before", async () => {
    const times = [0, -1, -2, -3, -50_000];
    const taken = await inTurn(times.map((time) => () => take("behind", MORNING + time)));
    expect(taken).toEqual([true, true, true, false, false]);
    expect(await peek("behind", MORNING - 5)).toBe(false);
  });

  it("begins anew when a clock was set far back: nobody waits for a time that may never come", async () => {
    for (let n = 0; n < 3; n++) await take("far", MORNING);
    expect(await peek("far", MORNING - 61_000)).toBe(true);
    expect(await take("far", MORNING - 61_000)).toBe(true);
  });
});

describe("strikes", () => {
  it("that come at once are counted one by one (S-47)", async () => {
    const hits = await Promise.all(Array.from({ length: 50 }, () => hit("strikes at once", MORNING)));
    expect(hits.filter((isAllowed) => isAllowed)).toHaveLength(3);
  });

  it("from a clock that is a little behind count as well", async () => {
    const times = [0, -1, 2, -40_000, 1];
    const hits = await inTurn(times.map((time) => () => hit("strikes behind", MORNING + time)));
    expect(hits).toEqual([true, true, true, false, false]);
  });
});
