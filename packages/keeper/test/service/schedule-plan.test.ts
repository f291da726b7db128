import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_PLAN, istTimeOfDay, readPlan } from "../../src/service/schedule-plan.ts";

const at = (ist: string) => Date.parse(`${ist}+05:30`);
const own = process.env.TZ;
afterEach(() => {
  if (own === undefined) delete process.env.TZ;
  else process.env.TZ = own;
});

describe.each(["Asia/Kolkata", "America/New_York", "Pacific/Auckland"])(
  "the plan on a machine in %s (S-28)",
  (zone) => {
    it.each([
      ["a Thursday before it opens", "2026-11-19T08:29:59", undefined, "2026-11-19T08:30:00"],
      ["the first moment", "2026-11-19T08:30:00", "2026-11-19T08:30:00", "2026-11-20T08:30:00"],
      ["the last", "2026-11-19T11:29:59", "2026-11-19T08:30:00", "2026-11-20T08:30:00"],
      ["after it", "2026-11-19T11:30:00", undefined, "2026-11-20T08:30:00"],
      ["the nightly end of tokens", "2026-11-20T03:30:00", undefined, "2026-11-20T08:30:00"],
      ["a Friday evening", "2026-11-20T23:59:00", undefined, "2026-11-23T08:30:00"],
      ["a Saturday morning", "2026-11-21T09:00:00", undefined, "2026-11-23T08:30:00"],
      ["a Sunday morning", "2026-11-22T09:00:00", undefined, "2026-11-23T08:30:00"],
      ["a Monday morning", "2026-11-23T09:00:00", "2026-11-23T08:30:00", "2026-11-24T08:30:00"],
      ["the day New York changes its clocks", "2026-11-02T08:45:00", "2026-11-02T08:30:00", "2026-11-03T08:30:00"],
      ["midnight of a year", "2027-01-01T00:00:00", undefined, "2027-01-01T08:30:00"],
    ])("knows %s", (_name, now, start, next) => {
      process.env.TZ = zone;
      const times = readPlan(DEFAULT_PLAN);
      expect(times.current(at(now))?.startsAt).toBe(start && at(start));
      expect(times.next(at(now))).toBe(at(next));
    });
  },
);

describe("readPlan()", () => {
  it("takes a cron pattern for other days", () => {
    const times = readPlan({ ...DEFAULT_PLAN, at: "15 9 * * 1,3" });
    expect(times.next(at("2026-11-19T10:00:00"))).toBe(at("2026-11-23T09:15:00"));
    expect(times.current(at("2026-11-18T09:20:00"))?.endsAt).toBe(at("2026-11-18T11:30:00"));
    expect(times.current(at("2026-11-19T09:20:00"))).toBeUndefined();
  });

  it("takes every window that begins before it ends", () => {
    expect(() => readPlan({ ...DEFAULT_PLAN, at: "11:29" })).not.toThrow();
    expect(() => readPlan({ ...DEFAULT_PLAN, at: "00:00", until: "00:01" })).not.toThrow();
    const twice = readPlan({ ...DEFAULT_PLAN, at: "*/30 8,23 * * *" });
    expect(twice.current(at("2026-11-19T09:00:00"))?.startsAt).toBe(at("2026-11-19T08:00:00"));
    expect(readPlan({ ...DEFAULT_PLAN, at: "0 8 29 2 *" }).next(at("2026-11-19T10:00:00"))).toBe(
      at("2028-02-29T08:00:00"),
    );
  });

  it.each([
    [{ at: "25:00" }, /HH:MM in IST/],
    [{ at: "" }, /HH:MM in IST/],
    [{ at: "0 30 8 * * 1-5" }, /five fields/],
    [{ at: "tomorrow" }, /five fields/],
    [{ until: "24:00" }, /last time/],
    [{ at: "12:00" }, /after the first, 12:00 IST/],
    [{ at: "11:30" }, /after the first, 11:30 IST/],
    [{ until: "03:30" }, /after the first, 08:30 IST/],
    [{ at: "15 13,19 * * 1-5" }, /after the first, 13:15 IST/],
    [{ at: "0 8 30 2 *" }, /no day of the calendar/],
    [{ retryMinutes: 11 }, /from 12 to 720/],
    [{ retryMinutes: 12.5 }, /from 12 to 720/],
    [{ retryMinutes: Number.NaN }, /from 12 to 720/],
  ])("refuses %o", (change, message) => {
    expect(() => readPlan({ ...DEFAULT_PLAN, ...change })).toThrow(message);
  });
});

it("istTimeOfDay() is the clock on an Indian wall", () => {
  expect(istTimeOfDay(at("2026-11-19T08:05:59"))).toBe("08:05");
});
