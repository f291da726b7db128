import { istDateTime, istDayNumber, istSecondOfDay, istWeekNumber, nextIstTime } from "@kunji/contract";
import { describe, expect, it } from "vitest";

const seconds = (iso: string) => Date.parse(iso) / 1000;

describe("the IST clock", () => {
  it("counts the seconds since midnight IST", () => {
    expect(istSecondOfDay(seconds("2026-11-25T00:00:00+05:30"))).toBe(0);
    expect(istSecondOfDay(seconds("2026-11-25T23:59:59.999+05:30"))).toBe(86_399);
    expect(istSecondOfDay(seconds("1969-12-31T23:00:00+05:30"))).toBe(23 * 3600);
  });

  it("finds the next time strictly after now", () => {
    const noon = seconds("2026-11-25T12:00:00+05:30");
    expect(nextIstTime(noon - 1, 12 * 3600)).toBe(noon);
    expect(nextIstTime(noon, 12 * 3600)).toBe(noon + 86_400);
  });

  it("starts a day at midnight IST and a week on Monday", () => {
    const monday = seconds("2026-11-23T00:00:00+05:30");
    expect(istDayNumber(monday) - istDayNumber(monday - 1)).toBe(1);
    expect(istWeekNumber(monday) - istWeekNumber(monday - 1)).toBe(1);
    expect(istWeekNumber(monday + 7 * 86_400 - 1)).toBe(istWeekNumber(monday));
  });

  it("keeps one week across new year", () => {
    expect(istWeekNumber(seconds("2026-12-31T12:00:00+05:30"))).toBe(
      istWeekNumber(seconds("2027-01-03T23:59:59+05:30")),
    );
    expect(istWeekNumber(seconds("2027-01-04T00:00:00+05:30"))).toBe(
      istWeekNumber(seconds("2027-01-03T12:00:00+05:30")) + 1,
    );
  });

  it("prints the wall clock", () => {
    expect(istDateTime(seconds("2028-02-29T03:29:59.999+05:30"))).toBe("2028-02-29 03:29:59");
  });
});
