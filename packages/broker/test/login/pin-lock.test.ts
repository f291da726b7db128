import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PIN_HASH_COST } from "../../src/crypto/password-hash.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { Browser } from "./_browser.ts";
import { csrfOf, Login, otherDigits } from "./_login.ts";
import { accountState, auditEvents, customer } from "./_people.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(NOW);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const wrongPin = () => otherDigits(owner().pin);
const toPin = async () => (await Login.open(broker)).toPin(owner());
const isLocked = async () => (await accountState(broker.server.parts, owner())).locked_at !== null;

async function typeWrongPins(count: number): Promise<Login> {
  const login = await toPin();
  for (let tried = 0; tried < count; tried++) await login.submit({ pin: wrongPin() });
  return login;
}

describe("wrong PINs (S-47, S-49)", () => {
  it("lock the account at the fifth, and the login ends", async () => {
    const login = await typeWrongPins(4);
    expect([login.shown, await isLocked()]).toEqual(["pin", false]);
    expect(login.notice).toBe(
      "That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one.",
    );
    await login.submit({ pin: wrongPin() });
    expect([login.heading, await isLocked()]).toEqual(["Too many wrong PINs", true]);
    expect(login.page.html).not.toContain("<form");
    const events = await auditEvents(broker.server.parts);
    expect(events.filter((event) => event === "login.pin-refused")).toHaveLength(5);
    expect(events.filter((event) => event === "login.locked")).toHaveLength(1);
  });

  it("are counted over logins, and forgotten after a right one", async () => {
    await typeWrongPins(2);
    const login = await typeWrongPins(2);
    await login.submit({ pin: owner().pin });
    expect(login.shown).toBe("out");
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(0);
    const again = await typeWrongPins(4);
    await again.submit({ pin: owner().pin });
    expect(again.shown).toBe("out");
  });

  it.each(["", "12345", "1234567", "12345a", "١٢٣٤٥٦", " 123456"])("are not counted when %j is typed", async (pin) => {
    const login = await toPin();
    await login.submit({ pin });
    expect([login.shown, login.notice]).toEqual(["pin", "The PIN has 6 digits."]);
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(0);
  });

  it("make the right PIN worthless once the account is locked, with the words of a wrong one", async () => {
    await typeWrongPins(5);
    const login = await toPin();
    await login.submit({ pin: owner().pin });
    expect([login.shown, login.notice]).toEqual([
      "pin",
      "That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one.",
    ]);
    expect((await auditEvents(broker.server.parts)).includes("code.issued")).toBe(false);
  });

  it("do not unlock by waiting", async () => {
    await typeWrongPins(5);
    broker.clock.advance(400 * 86_400);
    const login = await toPin();
    await login.submit({ pin: owner().pin });
    expect(login.shown).toBe("pin");
  });

  it("do not touch anybody else", async () => {
    await typeWrongPins(5);
    const other = await (await Login.open(broker)).finish(customer(broker, 1));
    expect(other.shown).toBe("out");
  });

  it("are evaluated five times at most when 100 come at once", async () => {
    const logins: Login[] = [];
    for (let count = 0; count < 100; count++) logins.push(await toPin());
    const verify = vi.spyOn(broker.server.parts.hasher, "verify");
    const answers = await Promise.all(
      logins.map((login) => login.browser.post(login.path, { csrf: csrfOf(login.page), pin: wrongPin() })),
    );
    expect(answers.every((answer) => answer.status === 303)).toBe(true);
    expect(verify).toHaveBeenCalledTimes(100);
    expect(verify.mock.calls.filter(([stored]) => stored !== undefined)).toHaveLength(5);
    expect(await isLocked()).toBe(true);
  });

  it("do not lock out a right one that was counted within the limit beside them", async () => {
    const logins: Login[] = [];
    for (let count = 0; count < 5; count++) logins.push(await toPin());
    const pins = [wrongPin(), wrongPin(), wrongPin(), wrongPin(), owner().pin];
    const posts = logins.map((login, index) => {
      return login.browser.post(login.path, { csrf: csrfOf(login.page), pin: pins[index] ?? "" });
    });
    const answers = await Promise.all(posts);
    expect(answers.filter(({ location }) => location?.startsWith("http"))).toHaveLength(1);
    expect(await isLocked()).toBe(false);
  });

  it("stay counted when the broker starts again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kunji-pin-"));
    const options = { customers: 1, database: `sqlite:${join(folder, "broker.db")}`, masterKey: Buffer.alloc(32, 7) };
    try {
      const first = await startBroker(options);
      const login = await (await Login.open(first)).toPin(customer(first, 0));
      for (let count = 0; count < 4; count++) await login.submit({ pin: otherDigits(customer(first, 0).pin) });
      await first.close();
      await using second = await startBroker(options);
      const again = await (await Login.open(second)).toPin(customer(second, 0));
      await again.submit({ pin: otherDigits(customer(second, 0).pin) });
      expect((await accountState(second.server.parts, customer(second, 0))).locked_at).not.toBeNull();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("stay counted against codes as well: a source that has to wait still waits after a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kunji-otp-"));
    const options = { customers: 1, database: `sqlite:${join(folder, "broker.db")}`, masterKey: Buffer.alloc(32, 7) };
    try {
      const first = await startBroker(options);
      first.clock.freeze(NOW);
      const login = await Login.open(first);
      await login.enterMobile(customer(first, 0));
      const wrong = otherDigits(await login.sentOtp(customer(first, 0)));
      for (let count = 0; count < 5; count++) await login.submit({ otp: wrong });
      await first.close();
      await using second = await startBroker(options);
      second.clock.freeze(NOW + 29_999);
      const again = await Login.open(second);
      await again.enterMobile(customer(second, 0));
      await again.enterOtp(customer(second, 0));
      expect(again.notice).toBe("There were too many wrong tries. Wait a while, then try again.");
      second.clock.freeze(NOW + 30_000);
      await again.enterOtp(customer(second, 0));
      expect(again.shown).toBe("pin");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("one lock for every way in (S-50)", () => {
  const console = async () =>
    await (await Login.open(broker, { dialog: `${broker.url}/account/login/upstox` })).finish(owner());
  const turnOffTotp = async (browser: Browser, pin: string) => {
    const page = await browser.get("/account/totp");
    return await browser.post("/account/totp", { csrf: csrfOf(page), pin });
  };

  it("shut by the login pages, is shut for push approval and the console", async () => {
    const { browser } = await console();
    await askForToken(broker, broker.upstox.app);
    await typeWrongPins(5);
    const approval = await ApprovalPage.open(broker);
    await approval.approve(owner().pin);
    expect(approval.heading).toBe("Allow access?");
    expect((await turnOffTotp(browser, owner().pin)).location).toBe("/account/totp");
    expect((await accountState(broker.server.parts, owner())).totp_secret).not.toBeNull();
  });

  it("shut by push approval, is shut for the login pages", async () => {
    await askForToken(broker, broker.upstox.app);
    const approval = await ApprovalPage.open(broker);
    for (let count = 0; count < 5; count++) await approval.approve(wrongPin());
    expect(await isLocked()).toBe(true);
    const login = await toPin();
    await login.submit({ pin: owner().pin });
    expect(login.shown).toBe("pin");
  });

  it("shut by the console, is shut for push approval", async () => {
    const { browser } = await console();
    await askForToken(broker, broker.upstox.app);
    for (let count = 0; count < 5; count++) await turnOffTotp(browser, wrongPin());
    const approval = await ApprovalPage.open(broker);
    await approval.approve(owner().pin);
    expect(approval.heading).toBe("Allow access?");
  });

  it("is shut by two wrong PINs here, two there and one elsewhere", async () => {
    const { browser } = await console();
    await askForToken(broker, broker.upstox.app);
    await typeWrongPins(2);
    const approval = await ApprovalPage.open(broker);
    for (let count = 0; count < 2; count++) await approval.approve(wrongPin());
    expect(await isLocked()).toBe(false);
    await turnOffTotp(browser, wrongPin());
    expect(await isLocked()).toBe(true);
  });

  it("counts guesses at codes together, whichever app or console they are for", async () => {
    const settings = { KUNJI_TRUSTED_PROXIES: "127.0.0.1" };
    await using shared = await startBroker({ customers: 1, settings });
    shared.clock.freeze(NOW);
    const who = customer(shared, 0);
    const open = async (address: string, dialog?: string) => {
      const browser = new Browser(shared.url, { "x-forwarded-for": address });
      const login = await Login.open(shared, dialog === undefined ? { browser } : { browser, dialog });
      await login.enterMobile(who);
      return login;
    };
    for (let count = 0; count < 5; count++) {
      const dialog = count % 2 === 0 ? `${shared.url}/account/login/upstox` : undefined;
      const login = await open("203.0.113.9", dialog);
      await login.submit({ otp: otherDigits(await login.sentOtp(who)) });
    }
    const slowed = await open("203.0.113.9");
    await slowed.enterOtp(who);
    expect([slowed.shown, slowed.notice]).toEqual([
      "otp",
      "There were too many wrong tries. Wait a while, then try again.",
    ]);
    const elsewhere = await open("203.0.113.10");
    await elsewhere.enterOtp(who);
    expect(elsewhere.shown).toBe("pin");
  });
});

describe("PIN hashes (S-46)", () => {
  it("of demo customers are cheap until the first login, then at full cost", async () => {
    const cost = `$argon2id$v=19$m=${PIN_HASH_COST.memoryCost},t=${PIN_HASH_COST.timeCost},p=1$`;
    const before = (await accountState(broker.server.parts, owner())).pin_hash;
    expect(before).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    const wrong = await toPin();
    await wrong.submit({ pin: wrongPin() });
    expect((await accountState(broker.server.parts, owner())).pin_hash).toBe(before);
    await wrong.submit({ pin: owner().pin });
    const after = (await accountState(broker.server.parts, owner())).pin_hash;
    expect(after.startsWith(cost)).toBe(true);
    const again = await (await Login.open(broker)).finish(owner());
    expect(again.shown).toBe("out");
    expect((await accountState(broker.server.parts, owner())).pin_hash).toBe(after);
  });
});
