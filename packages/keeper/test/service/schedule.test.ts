import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccountStatus, LoginWay } from "../../src/index.ts";
import { KeeperError } from "../../src/index.ts";
import { LoginDesk } from "../../src/service/login-desk.ts";
import { LoginHistory } from "../../src/service/login-history.ts";
import { startSchedule } from "../../src/service/schedule.ts";
import { DEFAULT_PLAN, readPlan, type SchedulePlan } from "../../src/service/schedule-plan.ts";
import { TestClock } from "./_service-clock.ts";

/** How often the schedule looks at the clock. */
const LOOK = 30_000;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kunji-schedule-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface ScheduleTest {
  readonly clock: TestClock;
  /** IST times of day at which a login was asked for. */
  readonly asked: string[];
  readonly reminded: string[];
  readonly states: Map<string, AccountStatus["state"]>;
  /** Lets everything happen that is due now. */
  readonly settle: () => Promise<void>;
  readonly goTo: (ist: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface ScheduleTestOptions {
  readonly now: string;
  readonly ways: readonly LoginWay[];
  /** What becomes of a login; by default nobody approves. */
  readonly outcome?: (signal: AbortSignal, count: number) => Promise<void>;
  readonly plan?: Partial<SchedulePlan>;
  /** Requests for approval of other services on the same vault, IST. */
  readonly elsewhere?: readonly string[];
}

/** Real desk, history and schedule; the ways in are the test's. */
async function start({
  now,
  ways,
  outcome = nobodyApproves,
  plan: change,
  elsewhere = [],
}: ScheduleTestOptions): Promise<ScheduleTest> {
  const clock = new TestClock(`${now}+05:30`);
  const stopping = new AbortController();
  const log = { info() {}, warn() {}, error() {} };
  const history = new LoginHistory(join(folder, "login-history.json"), (error) => {
    throw error;
  });
  await history.load();
  const asked: string[] = [];
  const reminded: string[] = [];
  const states = new Map<string, AccountStatus["state"]>();
  const ist = () => new Date(clock.now() + 5.5 * 3_600_000).toISOString().slice(5, 16);
  const desk = new LoginDesk({
    history,
    clock,
    log,
    stopping: stopping.signal,
    async logIn({ account }, _person, signal) {
      asked.push(ist());
      await outcome(signal, asked.length);
      states.set(account, "valid");
    },
  });
  const plan = { ...DEFAULT_PLAN, ...change };
  const keeper = {
    status: async () =>
      ways.map((way) => ({
        broker: "upstox",
        account: way,
        title: "Upstox",
        way,
        state: states.get(way) ?? "none",
        secondsLeft: 0,
        issuedAt: undefined,
        expiresAt: undefined,
        userId: undefined,
        userName: undefined,
        obtainedBy: undefined,
        problem: undefined,
      })),
  };
  const times = readPlan(plan);
  startSchedule({
    keeper,
    desk,
    history,
    requestsOf: async () => elsewhere.map((time) => Date.parse(`${time}+05:30`) / 1000),
    plan,
    times,
    clock,
    log,
    remind: () => reminded.push(ist()),
    stopping: stopping.signal,
  });
  // Files are written by other threads of the process: the loop turns until nothing is under way any more.
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await history.settled();
    }
  };
  await settle();
  return {
    clock,
    asked,
    reminded,
    states,
    settle,
    async goTo(to) {
      const end = Date.parse(`${to}+05:30`);
      while (clock.now() < end) {
        clock.set(Math.min(end, clock.now() + LOOK));
        await settle();
      }
    },
    async stop() {
      stopping.abort(new Error("stopped"));
      await desk.settled();
      await history.settled();
    },
  };
}

const nobodyApproves = (signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

describe("an account that is approved on the phone", () => {
  it("is asked for at 08:30 IST, and then every 15 minutes until 11:30", async () => {
    const test = await start({ now: "2026-11-19T08:00:00", ways: ["approval"] });
    await test.goTo("2026-11-19T13:00:00");
    expect(test.asked[0]).toBe("11-19T08:30");
    expect(test.asked.at(-1)).toMatch(/^11-19T11:[0-2]\d$/);
    const minutes = test.asked.map((time) => Date.parse(`2026-${time}:00Z`) / 60_000);
    const gaps = minutes.slice(1).map((minute, index) => minute - (minutes[index] ?? 0));
    // The request before is given up first; the next look at the clock is at most 30 seconds later.
    expect(gaps.every((gap) => gap === 15 || gap === 16)).toBe(true);
    expect(gaps).toHaveLength(11);
    await test.stop();
  });

  it("is not asked again once somebody has approved", async () => {
    const test = await start({
      now: "2026-11-19T08:00:00",
      ways: ["approval"],
      outcome: (signal, count) => (count < 3 ? nobodyApproves(signal) : Promise.resolve()),
    });
    await test.goTo("2026-11-19T12:00:00");
    expect(test.asked).toEqual(["11-19T08:30", "11-19T08:45", "11-19T09:01"]);
    await test.stop();
  });

  it("is left alone on the weekend, when it has a session, and at 03:30", async () => {
    const test = await start({ now: "2026-11-21T08:00:00", ways: ["approval"], outcome: async () => {} });
    await test.goTo("2026-11-22T12:00:00");
    test.clock.set("2026-11-23T08:00:00+05:30");
    await test.goTo("2026-11-23T08:29:00");
    expect(test.asked).toEqual([]);
    await test.goTo("2026-11-23T12:00:00");
    expect(test.asked).toEqual(["11-23T08:30"]);
    test.clock.set("2026-11-24T03:29:00+05:30");
    await test.goTo("2026-11-24T03:30:00");
    test.states.set("approval", "expired");
    await test.goTo("2026-11-24T08:25:00");
    expect(test.asked).toHaveLength(1);
    await test.stop();
  });

  it("is asked at once by a service that starts late in the morning", async () => {
    const test = await start({ now: "2026-11-19T10:07:00", ways: ["approval"] });
    expect(test.asked).toEqual(["11-19T10:07"]);
    await test.stop();
  });

  it("is asked no sooner because the service was restarted", async () => {
    const first = await start({ now: "2026-11-19T08:30:00", ways: ["approval"] });
    expect(first.asked).toEqual(["11-19T08:30"]);
    await first.stop();
    const second = await start({ now: "2026-11-19T08:35:00", ways: ["approval"] });
    expect(second.asked).toEqual([]);
    await second.goTo("2026-11-19T08:46:00");
    expect(second.asked).toEqual(["11-19T08:45"]);
    await second.stop();
  });

  it("never sends more than five requests an hour, whoever restarts it and how often", async () => {
    const asked: string[] = [];
    for (let minute = 30; minute < 90; minute += 1) {
      const time = `2026-11-19T${String(8 + Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:00`;
      const test = await start({ now: time, ways: ["approval"], plan: { retryMinutes: 12 } });
      asked.push(...test.asked);
      await test.stop();
    }
    expect(asked).toHaveLength(5);
  });

  it("is asked no sooner than 15 minutes after another service on the same vault asked", async () => {
    const elsewhere = ["2026-11-19T08:29:00"];
    const test = await start({ now: "2026-11-19T08:30:00", ways: ["approval"], elsewhere });
    await test.goTo("2026-11-19T08:46:00");
    expect(test.asked).toEqual(["11-19T08:44"]);
    await test.stop();
  });

  it("is not asked for the sixth time in an hour, whichever services on the same vault asked before", async () => {
    const elsewhere = ["07:40", "07:49", "07:58", "08:07", "08:16"].map((time) => `2026-11-19T${time}:00`);
    const test = await start({ now: "2026-11-19T08:30:00", ways: ["approval"], plan: { retryMinutes: 12 }, elsewhere });
    await test.goTo("2026-11-19T08:41:00");
    expect(test.asked).toEqual(["11-19T08:40"]);
    await test.stop();
  });

  it("is not held up by what another service wrote under a wrong clock", async () => {
    const elsewhere = ["2027-03-04T08:30:00"];
    const test = await start({ now: "2026-11-19T08:30:00", ways: ["approval"], elsewhere });
    expect(test.asked).toEqual(["11-19T08:30"]);
    await test.stop();
  });

  it("catches up when the machine had slept over 08:30", async () => {
    const test = await start({ now: "2026-11-19T07:00:00", ways: ["approval"] });
    test.clock.set("2026-11-19T09:02:00+05:30");
    await test.settle();
    await test.goTo("2026-11-19T09:02:30");
    expect(test.asked).toHaveLength(1);
    await test.stop();
  });

  it("is asked as ever after the clock was set back that had run ahead, by how much soever", async () => {
    const ahead = await start({ now: "2027-03-04T08:30:00", ways: ["approval"] });
    expect(ahead.asked).toEqual(["03-04T08:30"]);
    await ahead.stop();
    const test = await start({ now: "2026-11-19T08:00:00", ways: ["approval"] });
    await test.goTo("2026-11-19T08:46:00");
    expect(test.asked).toEqual(["11-19T08:30", "11-19T08:45"]);
    await test.stop();
  });

  it.each(["LOGIN_FAILED", "WRONG_USER", "WRONG_IP"] as const)("is given up for the day after %s", async (code) => {
    const test = await start({
      now: "2026-11-19T08:00:00",
      ways: ["approval"],
      outcome: () => Promise.reject(new KeeperError(code, "no")),
    });
    await test.goTo("2026-11-19T12:00:00");
    expect(test.asked).toEqual(["11-19T08:30"]);
    test.clock.set("2026-11-20T08:00:00+05:30");
    await test.goTo("2026-11-20T08:35:00");
    expect(test.asked).toEqual(["11-19T08:30", "11-20T08:30"]);
    await test.stop();
  });

  it("is asked again after the broker could not be reached", async () => {
    const test = await start({
      now: "2026-11-19T08:00:00",
      ways: ["approval"],
      outcome: (_signal, count) =>
        count === 1 ? Promise.reject(new KeeperError("BROKER_UNREACHABLE", "no")) : Promise.resolve(),
    });
    await test.goTo("2026-11-19T12:00:00");
    expect(test.asked).toEqual(["11-19T08:30", "11-19T08:45"]);
    await test.stop();
  });
});

describe("a TOTP account", () => {
  it("logs in by itself once; when that fails it stops for the day (S-15)", async () => {
    const test = await start({
      now: "2026-11-19T08:00:00",
      ways: ["totp"],
      outcome: () => Promise.reject(new KeeperError("BROKER_UNREACHABLE", "no")),
    });
    await test.goTo("2026-11-19T12:00:00");
    expect(test.asked).toEqual(["11-19T08:30"]);
    test.clock.set("2026-11-20T08:00:00+05:30");
    await test.goTo("2026-11-20T12:00:00");
    expect(test.asked).toEqual(["11-19T08:30", "11-20T08:30"]);
    await test.stop();
  });
});

describe("an account whose login page somebody has to fill in", () => {
  it("brings a reminder instead of a request", async () => {
    const test = await start({ now: "2026-11-19T08:00:00", ways: ["browser"] });
    await test.goTo("2026-11-19T09:05:00");
    expect([test.asked, test.reminded]).toEqual([[], ["11-19T08:30", "11-19T08:45", "11-19T09:00"]]);
    test.states.set("browser", "valid");
    await test.goTo("2026-11-19T12:00:00");
    expect(test.reminded).toHaveLength(3);
    await test.stop();
  });

  it("is reminded of after the clock was set back that had run ahead", async () => {
    const test = await start({ now: "2026-11-20T08:29:30", ways: ["browser"] });
    await test.goTo("2026-11-20T08:30:00");
    test.clock.set("2026-11-19T08:31:00+05:30");
    await test.goTo("2026-11-19T08:32:00");
    expect(test.reminded).toEqual(["11-20T08:30", "11-19T08:31"]);
    await test.stop();
  });
});

describe("the login history", () => {
  it("is for this user's eyes only and holds no secret", async () => {
    const test = await start({ now: "2026-11-19T08:30:00", ways: ["totp"], outcome: async () => {} });
    await test.stop();
    const path = join(folder, "login-history.json");
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe("600");
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual([
      { broker: "upstox", account: "totp", at: expect.any(Number), startedBy: "schedule", outcome: "done" },
    ]);
  });

  it.each(["", "nonsense", "{}", '[{"broker":1}]', '[{"broker":"upstox"}]'])(
    "begins anew when it holds %j",
    async (text) => {
      const path = join(folder, "login-history.json");
      await writeFile(path, text, { mode: 0o600 });
      const problems: unknown[] = [];
      const history = new LoginHistory(path, (error) => problems.push(error));
      await history.load();
      expect(history.of({ broker: "upstox", account: "default" })).toEqual([]);
      expect(problems).toHaveLength(1);
    },
  );
});
