import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import { totpCode } from "../../src/totp/totp.ts";
import { Browser } from "../login/_browser.ts";
import { csrfOf, Login, otherDigits, otpsSentTo } from "../login/_login.ts";
import { customer } from "../login/_people.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");
const UNKNOWN = { mobileNumber: "9999999999" };

let broker: TestBroker;
beforeEach(async () => {
  // Production's limit, which the test kit lifts otherwise.
  broker = await startBroker({ customers: 6, settings: { KUNJI_OTP_PER_NUMBER: 3 } });
  broker.clock.freeze(NOW);
});
afterEach(() => broker.close());

const toOtp = async (index: number) => {
  const login = await Login.open(broker);
  await login.enterMobile(customer(broker, index));
  return login;
};

/** A code that is neither the SMS code nor one the authenticator shows. */
const wrongFor = async (index: number) => {
  const who = customer(broker, index);
  const now = broker.clock.now() / 1000;
  const shown = [-60, -30, 0, 30, 60].map((shift) => totpCode(who.totpSecret, now + shift));
  return otherDigits(...shown, ...(await otpsSentTo(broker, who)));
};

describe("SMS codes (S-44)", () => {
  it("have six digits, and the message says what for and how long", async () => {
    await toOtp(0);
    const [message] = await broker.inbox();
    expect(message).toMatchObject({ to: customer(broker, 0).mobileNumber, kind: "sms" });
    expect(message?.otp).toMatch(/^[0-9]{6}$/);
    expect(message?.text).toBe(
      `${message?.otp} is your code to log in to Demo Trading Desk. It is valid for 5 minutes. Never tell it to anyone.`,
    );
  });

  it.each([
    [299.999, "pin"],
    [300, "otp"],
  ])("work for five minutes: after %d s the page is %s", async (seconds, shown) => {
    const login = await toOtp(0);
    broker.clock.advance(seconds);
    await login.enterOtp(customer(broker, 0));
    expect(login.shown).toBe(shown);
  });

  it("allow five tries: the fifth still counts", async () => {
    const login = await toOtp(0);
    for (let count = 0; count < 4; count++) await login.submit({ otp: await wrongFor(0) });
    await login.enterOtp(customer(broker, 0));
    expect(login.shown).toBe("pin");
  });

  it("allow five tries: the sixth is refused although it is right, and a new code works", async () => {
    const login = await toOtp(0);
    for (let count = 0; count < 5; count++) await login.submit({ otp: await wrongFor(0) });
    expect(login.notice).toBe("That was the fifth wrong code. Ask for a new one with “Send again”.");
    broker.clock.advance(30);
    await login.enterOtp(customer(broker, 0));
    expect(login.shown).toBe("otp");
    await login.submit({ decision: "resend" });
    broker.clock.advance(60);
    await login.enterOtp(customer(broker, 0));
    expect(login.shown).toBe("pin");
  });

  it.each(["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345"])(
    "are not counted as tried when %j is typed",
    async (otp) => {
      const login = await toOtp(0);
      for (let count = 0; count < 6; count++) await login.submit({ otp });
      expect(login.notice).toBe("The code has 6 digits. Check it and enter it again.");
      await login.enterOtp(customer(broker, 0));
      expect(login.shown).toBe("pin");
    },
  );

  it("may be typed with spaces", async () => {
    const login = await toOtp(0);
    const otp = await login.sentOtp(customer(broker, 0));
    await login.submit({ otp: ` ${otp.slice(0, 3)} ${otp.slice(3)} ` });
    expect(login.shown).toBe("pin");
  });

  it("stop working when a new one is sent", async () => {
    const login = await toOtp(0);
    const first = await login.sentOtp(customer(broker, 0));
    await login.submit({ decision: "resend" });
    const second = await login.sentOtp(customer(broker, 0));
    if (first !== second) {
      await login.submit({ otp: first });
      expect(login.shown).toBe("otp");
    }
    await login.submit({ otp: second });
    expect(login.shown).toBe("pin");
  });

  it("work in the login they were sent for and in no other", async () => {
    const login = await toOtp(0);
    const mine = await login.sentOtp(customer(broker, 0));
    const other = await toOtp(0);
    const theirs = await other.sentOtp(customer(broker, 0));
    if (mine !== theirs) {
      await other.submit({ otp: mine });
      expect(other.shown).toBe("otp");
    }
    await login.submit({ otp: mine });
    expect(login.shown).toBe("pin");
  });

  it("work once: after a restart of the login the same code is worth nothing", async () => {
    const login = await toOtp(0);
    const otp = await login.sentOtp(customer(broker, 0));
    await login.submit({ otp });
    await login.submit({ mobile_number: "out of order" });
    expect([login.shown, login.notice]).toEqual(["mobile", "Something was out of order, so the login starts again."]);
    await login.enterMobile(customer(broker, 0));
    if ((await login.sentOtp(customer(broker, 0))) === otp) return;
    await login.submit({ otp });
    expect(login.shown).toBe("otp");
  });

  it("are stored as keyed digests only", async () => {
    const login = await toOtp(0);
    const otp = await login.sentOtp(customer(broker, 0));
    const { db } = broker.server.parts;
    for (const table of ["attempts", "audit", "throttles", "demo_messages"]) {
      const rows = await db.read(() => selectAll<Record<string, unknown>>(`SELECT * FROM ${table}`));
      const bytes = rows.flatMap((row) => Object.values(row)).map((value) => Buffer.from(String(value)));
      const raw = rows.flatMap((row) => Object.values(row)).filter((value) => value instanceof Uint8Array);
      expect(
        [...bytes, ...raw.map((value) => Buffer.from(value as Uint8Array))].some((each) => each.includes(otp)),
        table,
      ).toBe(false);
    }
  });
});

describe("how many SMS codes go out (S-44)", () => {
  const EXHAUSTED =
    "This number has asked for several codes already, so no SMS goes out now. Enter the newest one you got, use your authenticator app, or wait 10 minutes.";

  it("is three in ten minutes for a number, over all its logins; the third goes on working", async () => {
    const who = customer(broker, 0);
    await toOtp(0);
    await toOtp(0);
    const login = await toOtp(0);
    expect(login.notice).toBeUndefined();
    await login.submit({ decision: "resend" });
    expect([login.shown, login.notice]).toEqual(["otp", EXHAUSTED]);
    expect(await otpsSentTo(broker, who)).toHaveLength(3);
    await login.enterOtp(who);
    expect(login.shown).toBe("pin");
  });

  it("counts a new login like a resend, and lets the authenticator in meanwhile", async () => {
    const who = customer(broker, 0);
    for (let count = 0; count < 3; count++) await toOtp(0);
    const login = await toOtp(0);
    expect([login.shown, login.notice]).toEqual(["otp", EXHAUSTED]);
    await login.enterOtp(who); // a code of another login
    expect(login.shown).toBe("otp");
    await login.submit({ otp: totpCode(who.totpSecret, broker.clock.now() / 1000) });
    expect(login.shown).toBe("pin");
  });

  it.each([
    [599.999, 3],
    [600, 4],
  ])("starts again ten minutes after the first: after %d s it is %d", async (seconds, sent) => {
    for (let count = 0; count < 3; count++) await toOtp(0);
    broker.clock.advance(seconds);
    await toOtp(0);
    expect(await otpsSentTo(broker, customer(broker, 0))).toHaveLength(sent);
  });

  it("is counted for each number by itself, known or not", async () => {
    for (let count = 0; count < 4; count++) await toOtp(0);
    const login = await toOtp(1);
    await login.enterOtp(customer(broker, 1));
    expect(login.shown).toBe("pin");
    const nobody = await Login.open(broker);
    await nobody.enterMobile(UNKNOWN);
    for (let count = 0; count < 3; count++) await nobody.submit({ decision: "resend" });
    expect(nobody.notice).toBe(EXHAUSTED);
    expect(await otpsSentTo(broker, UNKNOWN)).toEqual([]);
  });

  it.each(["KUNJI_OTP_PER_ADDRESS", "KUNJI_OTP_TOTAL"] as const)(
    "is capped by %s with 429 and a wait",
    async (name) => {
      await using small = await startBroker({ customers: 3, settings: { [name]: 2 } });
      small.clock.freeze(NOW);
      for (const index of [0, 1]) await (await Login.open(small)).enterMobile(customer(small, index));
      const login = await Login.open(small);
      await login.enterMobile(customer(small, 2));
      expect([login.page.status, login.heading]).toEqual([429, "Please wait a little"]);
      expect(login.page.headers.get("retry-after")).toBe("600");
      expect(await otpsSentTo(small, customer(small, 2))).toEqual([]);
      await login.reload();
      expect(login.shown, "the login stands where it stood").toBe("mobile");
      small.clock.advance(600);
      const later = await Login.open(small);
      await later.enterMobile(customer(small, 2));
      expect(later.shown).toBe("otp");
    },
  );

  it("is counted per network address (S-51)", async () => {
    const settings = { KUNJI_OTP_PER_ADDRESS: 1, KUNJI_TRUSTED_PROXIES: "127.0.0.1" };
    await using small = await startBroker({ customers: 4, settings });
    const from = async (address: string, index: number) => {
      const browser = new Browser(small.url, { "x-forwarded-for": address });
      const login = await Login.open(small, { browser });
      await login.enterMobile(customer(small, index));
      return login.page.status;
    };
    expect(await from("203.0.113.9", 0)).toBe(200);
    expect(await from("203.0.113.9", 1)).toBe(429);
    expect(await from("2001:db8:1:2::1", 2)).toBe(200);
    expect(await from("2001:db8:1:2:ffff::9", 3), "the same /64 network").toBe(429);
  });
});

describe("authenticator codes (S-45)", () => {
  it.each([
    [-60, "otp"],
    [-30, "pin"],
    [0, "pin"],
    [30, "pin"],
    [60, "otp"],
  ])("of the step at %d s lead to the page %s", async (shift, shown) => {
    const login = await toOtp(0);
    await login.submit({ otp: totpCode(customer(broker, 0).totpSecret, NOW / 1000 + shift) });
    expect(login.shown).toBe(shown);
  });

  it("work once, and earlier ones not at all afterwards", async () => {
    const { totpSecret } = customer(broker, 0);
    const enter = async (otp: string) => {
      const login = await toOtp(0);
      await login.submit({ otp });
      return login.shown;
    };
    const current = totpCode(totpSecret, NOW / 1000);
    expect(await enter(current)).toBe("pin");
    expect(await enter(current)).toBe("otp");
    expect(await enter(totpCode(totpSecret, NOW / 1000 - 30))).toBe("otp");
    expect(await enter(totpCode(totpSecret, NOW / 1000 + 30))).toBe("pin");
  });

  it("work once over pages and console together", async () => {
    const who = customer(broker, 0);
    const otp = totpCode(who.totpSecret, NOW / 1000);
    const login = await toOtp(0);
    await login.submit({ otp });
    expect(login.shown).toBe("pin");
    const console = await Login.open(broker, { dialog: `${broker.url}/account/login/upstox` });
    await console.enterMobile(who);
    await console.submit({ otp });
    expect(console.shown).toBe("otp");
  });

  it("let one of 50 parallel logins through", async () => {
    const who = customer(broker, 0);
    const logins = await Promise.all(Array.from({ length: 50 }, () => toOtp(0)));
    const otp = totpCode(who.totpSecret, NOW / 1000);
    const answers = await Promise.all(
      logins.map((login) => login.browser.post(login.path, { csrf: csrfOf(login.page), otp })),
    );
    expect(answers.filter((answer) => answer.headers.has("set-cookie"))).toHaveLength(1);
  });

  it("of somebody else lead nowhere", async () => {
    const login = await toOtp(0);
    await login.submit({ otp: totpCode(customer(broker, 1).totpSecret, NOW / 1000) });
    expect(login.shown).toBe("otp");
  });

  it("lead nowhere for a number nobody has", async () => {
    const login = await Login.open(broker, { dialog: upstoxAuthorizationUrl(broker.url, broker.upstox.app, {}) });
    await login.enterMobile(UNKNOWN);
    // The secret that stands in for people without one (S-43).
    await login.submit({ otp: totpCode("A".repeat(32), NOW / 1000) });
    expect(login.shown).toBe("otp");
  });
});

describe("mobile numbers as people type them", () => {
  it.each(["+91", "+91 ", "+91-", " "])("may begin with %j", async (prefix) => {
    const { mobileNumber } = customer(broker, 0);
    const login = await Login.open(broker);
    await login.submit({ mobile_number: `${prefix}${mobileNumber.slice(0, 5)} ${mobileNumber.slice(5)}` });
    await login.enterOtp(customer(broker, 0));
    expect(login.shown).toBe("pin");
  });

  it.each(["", "123", "5123456789", "91234567890", "+1 9123456789", "९१२३४५६७८९", "<b>9123456789"])(
    "are refused at the field when they are %j, and not shown again",
    async (typed) => {
      const login = await Login.open(broker);
      await login.submit({ mobile_number: typed });
      expect([login.shown, login.notice]).toEqual([
        "mobile",
        "Enter the 10 digits of your mobile number, without +91 or spaces.",
      ]);
      expect(await broker.inbox()).toEqual([]);
    },
  );
});
