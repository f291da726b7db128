import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { upstoxDemo } from "../../src/upstox/upstox-demo.ts";
import { walkAsJson, walkAsText } from "../demo/_walk.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.close());

const text = (ist: string) => walkAsText(broker, upstoxDemo, ist);

describe("the demo's Upstox login", () => {
  it("shows session, profile and funds by day, then a dead token", async () => {
    const output = await text("2026-11-25T09:05:00");
    expect(output).toContain("Valid until   Thu 26 Nov 2026, 03:30 IST, 18 h 25 min left");
    expect(output).toMatch(/Available to trade +₹[\d,]+\.\d\d\n/);
    expect(output).toMatch(/Exchanges +NSE NFO BSE/);
    expect(output).toContain("the profile answers 401 UDAPI100050");
  });

  it("says by night that funds are closed and when they open", async () => {
    const output = await text("2026-11-25T01:00:00");
    expect(output).toContain("Valid until   Wed 25 Nov 2026, 03:30 IST, 2 h 30 min left");
    expect(output).toContain("Closed for the night (423 UDAPI100072).");
    expect(output).toContain("It opens Wed 25 Nov 2026, 05:30 IST.");
  });

  it("adds up: the parts of cash make its total", async () => {
    const output = await text("2026-11-25T09:05:00");
    const amount = (label: string) => {
      const [, sign = "", digits = ""] = new RegExp(`${label} +(-?)₹([\\d,.]+)`).exec(output) ?? [];
      return Math.round(Number(`${sign}${digits.replaceAll(",", "")}`) * 100);
    };
    const parts = ["Opening balance", "Added today", "Withdrawn today", "From stock sale", "Margin used"];
    expect(parts.map(amount).reduce((sum, part) => sum + part)).toBe(amount("\n {4}Cash"));
    expect(amount("Cash") + amount("Pledged holdings")).toBe(amount("Available to trade"));
  });

  it("reports the same as JSON, open and closed", async () => {
    const day = await walkAsJson(broker, upstoxDemo, "2026-11-25T09:05:00");
    const night = await walkAsJson(broker, upstoxDemo, "2026-11-26T00:10:00");
    expect(day.result.session).toMatchObject({ expiresAt: "2026-11-26T03:30:00+05:30", secondsLeft: 66_300 });
    expect(day.result.funds).toHaveProperty("availableToTrade.total");
    expect(night.result.funds).toEqual({ closed: 423, code: "UDAPI100072", reopensAt: "2026-11-26T05:30:00+05:30" });
    expect(day.line + night.line).not.toMatch(/kupx_at_[A-Za-z0-9_-]{20,}/);
  });
});
