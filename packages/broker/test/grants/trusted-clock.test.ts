import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForwardClock, SettableClock } from "../../src/clock.ts";
import { mintCode } from "../../src/grants/issue-code.ts";
import { ClockBehind } from "../../src/grants/trusted-clock.ts";
import { keepHouse } from "../../src/housekeeping.ts";
import { raiseClockMark } from "../../src/store/clock-mark.ts";
import { startNewEpoch } from "../../src/store/new-epoch.ts";
import { selectOne } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { temporaryDirectory } from "../store/_child-broker.ts";
import { startTestServer, type TestServer } from "../store/_test-server.ts";
import { exchange, expectErrors, getProfile, getTokens, issueCode, MORNING } from "../upstox/_api.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

describe("ForwardClock (S-114)", () => {
  let base: SettableClock;
  let elapsed: number;
  let clock: ForwardClock;
  beforeEach(() => {
    base = new SettableClock();
    base.freeze(MORNING);
    elapsed = 0;
    clock = new ForwardClock({ base, mark: MORNING - 1000, monotonic: () => elapsed });
  });

  it("follows its base forward", () => {
    expect(clock.now()).toBe(MORNING);
    base.advance(DAY);
    expect([clock.now(), clock.behind()]).toEqual([MORNING + DAY * 1000, 0]);
  });

  it("begins at the mark when the base is before it", () => {
    const late = new ForwardClock({ base, mark: MORNING + 5000, monotonic: () => elapsed });
    expect([late.now(), late.behind()]).toEqual([MORNING + 5000, 5000]);
  });

  it("never goes back; far behind it runs on by what nobody can set", () => {
    clock.now();
    base.advance(-2 * HOUR);
    expect(clock.now()).toBe(MORNING);
    elapsed += 10_000;
    expect(clock.now()).toBe(MORNING + 10_000);
    expect(clock.behind()).toBe((2 * HOUR + 10) * 1000);
    base.advance(3 * HOUR);
    expect([clock.now(), clock.behind()]).toEqual([MORNING + HOUR * 1000, 0]);
  });

  it("a small correction it waits out at half speed, until both meet", () => {
    clock.now();
    base.advance(-30);
    const seen = Array.from({ length: 70 }, () => {
      elapsed += 1000;
      base.advance(1);
      return clock.now();
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    // It never stands still for long: the two meet at one of the readings.
    expect(new Set(seen).size).toBeGreaterThanOrEqual(69);
    expect(seen[0]).toBe(MORNING + 500);
    expect([clock.now() - base.now(), clock.behind()]).toEqual([0, 0]);
  });

  it("learns of a later time, and not of an earlier one", () => {
    clock.raise(MORNING + 7000);
    expect(clock.now()).toBe(MORNING + 7000);
    clock.raise(MORNING);
    expect(clock.now()).toBe(MORNING + 7000);
  });
});

describe("a system clock that is set back (S-114)", () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let clock: SettableClock;
  const masterKey = randomBytes(32);
  beforeEach(() => {
    directory = temporaryDirectory();
    clock = new SettableClock();
    clock.freeze(MORNING);
  });
  afterEach(() => directory[Symbol.dispose]());

  const start = (): Promise<TestServer> =>
    startTestServer({ database: `sqlite:${join(directory.path, "broker.db")}`, masterKey, clock });

  it("by two hours: no code or token is issued, until it is right again", async () => {
    await using broker = await start();
    const code = await issueCode(broker);
    clock.advance(-2 * HOUR);
    const answer = await exchange(broker, code);
    expectErrors(answer, 503, ["UDAPI100500", null]);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(() => mintCode(broker.server.parts, clock.now())).toThrow(ClockBehind);
    clock.advance(2 * HOUR);
    // The refused attempt had no effect: the code is unspent.
    expect((await exchange(broker, code)).status).toBe(200);
  });

  it("by less than a minute: goes on", async () => {
    await using broker = await start();
    clock.advance(-59);
    expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
  });

  it("revives no code and no token", async () => {
    await using broker = await start();
    const code = await issueCode(broker);
    const { access } = await getTokens(broker);
    clock.advance(DAY);
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    clock.advance(-DAY);
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    expectErrors(await exchange(broker, code), 503, "UDAPI100500");
    clock.advance(DAY);
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
  });

  it("while the server was down: the mark of the last housekeeping holds", async () => {
    let access = "";
    {
      await using broker = await start();
      access = (await getTokens(broker)).access;
      clock.advance(DAY);
      await keepHouse(broker.server.parts);
    }
    clock.advance(-DAY);
    await using broker = await start();
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    expect(() => mintCode(broker.server.parts, clock.now())).toThrow(ClockBehind);
  });

  it("is noticed by every process on the database", async () => {
    await using broker = await start();
    await broker.server.parts.db.write(() => raiseClockMark(MORNING + HOUR * 1000));
    expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
    await keepHouse(broker.server.parts);
    expect(() => mintCode(broker.server.parts, clock.now())).toThrow(ClockBehind);
  });

  it("the mark only rises, and a new epoch forgets it", async () => {
    await using broker = await start();
    const { db, keys } = broker.server.parts;
    expect(await db.write(() => raiseClockMark(MORNING - 1))).toBe(MORNING);
    expect(await db.write(() => raiseClockMark(MORNING + 1))).toBe(MORNING + 1);
    await db.write(() => startNewEpoch(keys.audit, MORNING));
    expect(await db.write(() => raiseClockMark(MORNING - 1))).toBe(MORNING - 1);
  });

  it("does not get in the way of a test that moves the clock", async () => {
    await using broker = await startBroker({ customers: 1 });
    broker.clock.freeze(MORNING);
    await getTokens(broker);
    broker.clock.advance(-2 * DAY);
    expect((await getProfile(broker, (await getTokens(broker)).access)).status).toBe(200);
    await keepHouse(broker.server.parts);
    const mark = await broker.server.parts.db.read(() =>
      selectOne("SELECT 1 AS one FROM facts WHERE name = 'clock mark'"),
    );
    expect(mark).toBeUndefined();
  });
});
