import { logInAsCustomer, startBroker, type TestBroker, upstoxAnswers } from "@kunji/broker/testing";
import { type CheckedCallback, readCallback } from "@kunji/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DemoReport } from "../../src/demo/demo-report.ts";
import { createJsonReport } from "../../src/demo/json-report.ts";
import { walkThroughLogin } from "../../src/demo/login-walk.ts";
import { createTextReport } from "../../src/demo/text-report.ts";
import { createStyle } from "../../src/terminal/style.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.close());

async function walk(report: DemoReport, ist: string): Promise<void> {
  broker.clock.freeze(Date.parse(`${ist}+05:30`));
  const customer = broker.upstox.customers[0];
  if (!customer) throw new Error("no customer");
  const readOtp = async () => (await broker.inbox()).find((entry) => entry.otp)?.otp ?? "";
  await walkThroughLogin({
    host: broker.url,
    app: broker.upstox.app,
    report,
    now: () => broker.clock.now(),
    async logIn({ url, state }): Promise<CheckedCallback> {
      const { callbackUrl } = await logInAsCustomer(url, upstoxAnswers(customer, readOtp));
      return readCallback(callbackUrl, { state, issuer: broker.url });
    },
  });
  report.end();
}

async function text(ist: string): Promise<string> {
  let written = "";
  await walk(
    createTextReport(createStyle(false), (piece) => {
      written += piece;
    }),
    ist,
  );
  return written;
}

describe("the demo's login", () => {
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
    const lines: string[] = [];
    await walk(
      createJsonReport("upstox", (line) => lines.push(line)),
      "2026-11-25T09:05:00",
    );
    await walk(
      createJsonReport("upstox", (line) => lines.push(line)),
      "2026-11-26T00:10:00",
    );
    const [day, night] = lines.map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
    expect(day?.session).toMatchObject({ expiresAt: "2026-11-26T03:30:00+05:30", secondsLeft: 66_300 });
    expect(day?.funds).toHaveProperty("availableToTrade.total");
    expect(night?.funds).toEqual({ closed: 423, code: "UDAPI100072", reopensAt: "2026-11-26T05:30:00+05:30" });
    expect(lines.join()).not.toMatch(/kupx_at_[A-Za-z0-9_-]{20,}/);
  });
});
