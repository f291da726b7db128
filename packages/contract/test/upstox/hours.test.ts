import { istDateTime } from "@kunji/contract";
import { isUpstoxFundsOpen, nextUpstoxFundsOpening, upstoxTokenExpiry } from "@kunji/contract/upstox";
import { afterEach, describe, expect, it } from "vitest";

/** The table of protocol/upstox.md 3.5. */
const issuedAndExpires = [
  [1795530600, 1795557600, "Tue 20:00 IST: Wed 03:30"],
  [1795554000, 1795557600, "Wed 02:30 IST: one hour later"],
  [1795557599, 1795557600, "Wed 03:29:59 IST: one second later"],
  [1795557600, 1795644000, "Wed 03:30:00 IST: the next day"],
  [1795577700, 1795644000, "Wed 09:05 IST: the next day"],
  [1798741740, 1798754400, "31 December 23:59 IST: new year's day"],
] as const;

const seconds = (iso: string) => Date.parse(iso) / 1000;

describe("upstoxTokenExpiry", () => {
  it.each(issuedAndExpires)("of a token issued at %i is %i (%s)", (issued, expires) => {
    expect(upstoxTokenExpiry(issued)).toBe(expires);
  });

  it.each([
    ["2026-11-25T03:29:59.999+05:30", "2026-11-25T03:30:00+05:30"],
    ["2026-11-25T03:30:00.000+05:30", "2026-11-26T03:30:00+05:30"],
    ["2028-02-28T22:00:00+05:30", "2028-02-29T03:30:00+05:30"],
    ["2028-02-29T10:00:00+05:30", "2028-03-01T03:30:00+05:30"],
    ["2027-02-28T10:00:00+05:30", "2027-03-01T03:30:00+05:30"],
    ["2026-12-31T23:59:59.999+05:30", "2027-01-01T03:30:00+05:30"],
    ["2027-01-01T00:00:00+05:30", "2027-01-01T03:30:00+05:30"],
    // The hours in which other zones change their clocks; IST never does.
    ["2026-03-08T12:30:00+05:30", "2026-03-09T03:30:00+05:30"],
    ["2026-11-01T11:30:00+05:30", "2026-11-02T03:30:00+05:30"],
  ])("of a token issued at %s is %s (S-28)", (issued, expires) => {
    expect(upstoxTokenExpiry(seconds(issued))).toBe(seconds(expires));
  });

  it("agrees with the formula of the protocol at every minute of two days", () => {
    for (let at = 1795530600; at < 1795530600 + 2 * 86_400; at += 60) {
      const day = Math.floor((at - 79_200) / 86_400) + 1;
      expect(upstoxTokenExpiry(at)).toBe(day * 86_400 + 79_200);
    }
  });
});

describe("the funds window", () => {
  it.each([
    ["2026-11-25T00:00:00+05:30", false],
    ["2026-11-25T05:29:59.999+05:30", false],
    ["2026-11-25T05:30:00+05:30", true],
    ["2026-11-25T23:59:59.999+05:30", true],
  ])("at %s: open is %s", (at, open) => {
    expect(isUpstoxFundsOpen(seconds(at))).toBe(open);
  });

  it("opens next at 05:30 IST", () => {
    expect(nextUpstoxFundsOpening(seconds("2026-11-25T00:00:00+05:30"))).toBe(seconds("2026-11-25T05:30:00+05:30"));
    expect(nextUpstoxFundsOpening(seconds("2026-11-25T05:30:00+05:30"))).toBe(seconds("2026-11-26T05:30:00+05:30"));
  });
});

describe("the host's time zone", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each([
    ["UTC", 0],
    ["Asia/Kolkata", -330],
    ["America/New_York", 300],
    ["Pacific/Auckland", -780],
  ])("%s changes nothing (S-28)", (name, offset) => {
    process.env.TZ = name;
    // Proof that the zone took hold: Node re-reads TZ on assignment, but not inside a worker thread.
    expect(new Date(1795530600_000).getTimezoneOffset()).toBe(offset);

    for (const [issued, expires] of issuedAndExpires) expect(upstoxTokenExpiry(issued)).toBe(expires);
    expect(isUpstoxFundsOpen(seconds("2026-11-25T05:29:59+05:30"))).toBe(false);
    expect(isUpstoxFundsOpen(seconds("2026-11-25T05:30:00+05:30"))).toBe(true);
    expect(istDateTime(1795557600)).toBe("2026-11-25 03:30:00");
  });
});
