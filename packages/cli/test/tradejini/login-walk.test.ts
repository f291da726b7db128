import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createStyle } from "../../src/terminal/style.ts";
import { tradejiniDemo } from "../../src/tradejini/tradejini-demo.ts";
import { walkAsJson, walkAsText } from "../demo/_walk.ts";

const MORNING = "2026-11-25T09:05:00";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
afterAll(() => broker.close());
beforeEach(() => broker.reset());

describe("the demo's Tradejini logins", () => {
  it("show a session each, profile and funds, then dead tokens", async () => {
    const output = await walkAsText(broker, tradejiniDemo, MORNING);
    const [owner, customer] = broker.tradejini.customers;
    expect(output).toContain(`User          ${customer?.clientCode}, Demo Customer 2`);
    expect(output).toContain(`User          ${owner?.clientCode}, Demo Customer 1`);
    expect(output.match(/Valid until {3}Thu 26 Nov 2026, 09:05 IST, 24 h 0 min left/g)).toHaveLength(2);
    expect(output).toMatch(/Mobile +\d\dXXXXXX\d\d\n/);
    expect(output).toMatch(/ NSE +NFO\n/);
    expect(output).toMatch(/Available to trade( +₹[\d,]+\.\d\d){2}\n/);
    expect(output).toContain("Logged in directly");
    expect(output.match(/the details answer 401 UNAUTHORIZED/g)).toHaveLength(2);
  });

  it("report the same as JSON", async () => {
    const { line, result } = await walkAsJson(broker, tradejiniDemo, MORNING);
    const [owner, customer] = broker.tradejini.customers;
    expect(Object.keys(result)).toEqual(["broker", "steps", "session", "profile", "funds", "directSession"]);
    const life = { expiresAt: "2026-11-26T09:05:00+05:30", secondsLeft: 86_400 };
    expect(result.session).toMatchObject({ userId: customer?.clientCode, ...life });
    expect(result.profile).toMatchObject({ userId: customer?.clientCode, userName: "Demo Customer 2" });
    expect(result.funds).toMatchObject([{ segment: "NSE" }, { segment: "NFO" }]);
    expect(result.directSession).toMatchObject({ userId: owner?.clientCode, userName: "Demo Customer 1", ...life });
    expect(line).not.toMatch(/kutj_at_[A-Za-z0-9_-]{20,}/);
  });

  it("go through when there is one customer only, who is the owner", async () => {
    await using small = await startBroker({ customers: 1 });
    const { result } = await walkAsJson(small, tradejiniDemo, MORNING);
    expect(result.session?.userId).toBe(result.directSession?.userId);
  });

  it("tell whoever sits at the terminal what to type, in the order of the pages", async () => {
    const { facts } = await tradejiniDemo.customer(broker);
    const [, customer] = broker.tradejini.customers;
    expect(facts("http://127.0.0.1:1/inbox", createStyle(false))).toEqual([
      ["Client code", customer?.clientCode],
      ["Password", customer?.password],
      ["Code", "ask for one by SMS; it is in the inbox, http://127.0.0.1:1/inbox"],
    ]);
  });
});
