import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxDemo } from "../../src/upstox/demo-upstox.ts";
import { askForToken } from "../approvals/_approval.ts";
import { Browser } from "../login/_browser.ts";
import { Login, otpsSentTo } from "../login/_login.ts";
import { customer } from "../login/_people.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 25 });
});
afterAll(() => broker.close());

const options = { redirectUri: "http://127.0.0.1:7475/callback", notifierUrl: "http://127.0.0.1:7476/upstox/notifier" };

describe("demo data (design.md section 5)", () => {
  it("is the same for the same number, and customer n is the same person for every number", () => {
    expect(upstoxDemo({ ...options, customers: 10 })).toEqual(upstoxDemo({ ...options, customers: 10 }));
    const [few, many] = [upstoxDemo({ ...options, customers: 3 }), upstoxDemo({ ...options, customers: 300 })];
    expect(many.customers.slice(0, 3)).toEqual(few.customers);
    expect(many.app).toEqual(few.app);
  });

  it("gives each of 5,000 people secrets and names of their own, in the shapes that the pages take", () => {
    const { customers } = upstoxDemo({ ...options, customers: 5_000 });
    for (const field of ["userId", "mobileNumber", "totpSecret", "email", "userName"] as const) {
      expect(new Set(customers.map((each) => each[field])).size, field).toBe(5_000);
    }
    for (const each of customers) {
      expect(each.userId).toMatch(/^[A-Z0-9]{6}$/);
      expect(each.mobileNumber).toMatch(/^[6-9][0-9]{9}$/);
      expect(each.pin).toMatch(/^[0-9]{6}$/);
      expect(each.totpSecret).toMatch(/^[A-Z2-7]{32}$/);
      expect(each.pan).toMatch(/^[A-Z]{5}[0-9]{4}[A-Z]$/);
    }
  });

  it("lets every customer log in", async () => {
    for (const who of broker.upstox.customers) {
      const { code } = await broker.login("upstox", { customer: who });
      expect(code).toBeTruthy();
    }
  });

  it("is what a reset brings back", async () => {
    const login = await (await Login.open(broker)).toPin(customer(broker, 3));
    await login.recover(customer(broker, 3), "482915");
    await broker.reset();
    expect(await broker.inbox()).toEqual([]);
    expect((await broker.login("upstox", { customer: customer(broker, 3) })).code).toBeTruthy();
  });
});

describe("the inbox", () => {
  it("gives what was sent as data, newest first, in the documented shape", async () => {
    await broker.reset();
    broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
    const who = customer(broker, 0);
    await (await Login.open(broker)).enterMobile(who);
    broker.clock.advance(60);
    await askForToken(broker, broker.upstox.app);
    const response = await fetch(`${broker.url}/inbox.json`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const [push, sms, ...rest] = (await response.json()) as Record<string, string>[];
    expect(rest).toEqual([]);
    expect(Object.keys(sms ?? {})).toEqual(["to", "kind", "text", "otp", "sentAt"]);
    expect(sms).toMatchObject({ to: who.mobileNumber, kind: "sms", sentAt: "2026-11-25T03:35:00.000Z" });
    expect(Object.keys(push ?? {})).toEqual(["to", "kind", "text", "link", "sentAt"]);
    expect(push).toMatchObject({ to: who.mobileNumber, kind: "push", sentAt: "2026-11-25T03:36:00.000Z" });
  });

  it("shows the same to a person, with the people one can log in as", async () => {
    await broker.reset();
    const who = customer(broker, 0);
    await (await Login.open(broker)).enterMobile(who);
    const { html } = await new Browser(broker.url).get("/inbox");
    for (const text of [(await otpsSentTo(broker, who))[0] ?? "", who.userName, who.mobileNumber, who.pin]) {
      expect(html).toContain(text);
    }
  });

  it("has a message as soon as the page that asks for it is there", async () => {
    await broker.reset();
    for (let count = 0; count < 20; count++) {
      const who = customer(broker, count);
      await (await Login.open(broker)).enterMobile(who);
      const list = (await (await fetch(`${broker.url}/inbox.json`)).json()) as { to: string }[];
      expect(list[0]?.to).toBe(who.mobileNumber);
    }
  });

  it("keeps the newest 500 messages", async () => {
    await broker.reset();
    const login = await Login.open(broker);
    await login.enterMobile(customer(broker, 0));
    for (let count = 0; count < 510; count++) await login.submit({ decision: "resend" });
    expect(await broker.inbox()).toHaveLength(500);
  });

  it("is sealed in the database: no code is readable there", async () => {
    await broker.reset();
    const who = customer(broker, 0);
    await (await Login.open(broker)).enterMobile(who);
    const [otp = ""] = await otpsSentTo(broker, who);
    const rows = await broker.server.parts.db.read(() =>
      selectAll<{ sealed: Uint8Array }>("SELECT * FROM demo_messages"),
    );
    expect(rows).toHaveLength(1);
    expect(Buffer.from(rows[0]?.sealed ?? []).includes(otp)).toBe(false);
  });

  it("is not there outside demo mode (S-131)", async () => {
    const server = await startServer({
      port: 0,
      host: "127.0.0.1",
      database: "sqlite::memory:",
      masterKey: Buffer.alloc(32, 1),
      settings: readSettings({ KUNJI_MESSAGE_SENDER: "http://127.0.0.1:9/" }),
    });
    try {
      for (const path of ["/inbox", "/inbox.json", "/control/requests", "/control/clock"]) {
        expect((await fetch(server.url + path)).status, path).toBe(404);
      }
      expect((await (await fetch(server.url, { headers: { accept: "text/html" } })).text()).includes("/inbox")).toBe(
        false,
      );
    } finally {
      await server.close(1_000);
    }
  });
});
