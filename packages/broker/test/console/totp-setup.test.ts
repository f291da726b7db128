import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readHeading, readNotice } from "../../src/testing/html-form.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { totpCode } from "../../src/totp/totp.ts";
import type { Answer, Browser } from "../login/_browser.ts";
import { csrfOf, Login, otherDigits } from "../login/_login.ts";
import { accountIdOf, accountState, auditEvents, customer } from "../login/_people.ts";
import { signIn } from "./_console.ts";
import { recoverAfterNextCheck, recoverDuringNextCheck, signOutDuringNextCheck } from "./_console-page.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");
const PATH = "/account/totp";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(NOW);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const storedSecret = async () => (await accountState(broker.server.parts, owner())).totp_secret;
const codeNow = (secret: string, shift = 0) => totpCode(secret, broker.clock.now() / 1000 + shift);

async function submit(browser: Browser, fields: Readonly<Record<string, string>>): Promise<Answer> {
  return await browser.post(PATH, { csrf: csrfOf(await browser.get(PATH)), ...fields });
}

/** Somebody without an authenticator app, signed in: demo customers have one. */
async function withoutTotp(): Promise<Browser> {
  await submit(await signIn(broker, owner()), { pin: owner().pin });
  return await signIn(broker, owner());
}

/** The key as the page shows it to people who cannot scan. */
async function offered(browser: Browser): Promise<string> {
  const { html } = await browser.get(PATH);
  return /<code>([A-Z2-7 ]+)<\/code>/.exec(html)?.[1]?.replaceAll(" ", "") ?? "";
}

async function logInWith(otp: string): Promise<string> {
  const login = await Login.open(broker);
  await login.enterMobile(owner());
  await login.submit({ otp });
  return login.shown;
}

/** What turns an authenticator app on: a code of it and the PIN. */
const proof = (otp: string, pin = owner().pin) => ({ otp, pin });

/** A code that none of these secrets shows now. */
const wrongCode = (secret: string) => otherDigits(codeNow(secret), codeNow(secret, -30), codeNow(secret, 30));

describe("setting up an authenticator app", () => {
  it("offers a key as text, as a link and as a QR code, the same after a reload", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const { html } = await browser.get(PATH);
    expect(html).toContain(`otpauth://totp/Upstox:${owner().userId}?issuer=Upstox&amp;secret=${secret}`);
    expect(html).toContain("<svg");
    expect(await offered(browser)).toBe(secret);
    expect(await offered(await signIn(broker, owner())), "another browser gets its own").not.toBe(secret);
  });

  it("turns it on by a code of that key, and says so", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    expect(await logInWith(codeNow(secret)), "not before it was confirmed").toBe("otp");
    const answer = await submit(browser, proof(` ${codeNow(secret).slice(0, 3)} ${codeNow(secret).slice(3)}`));
    expect([answer.status, answer.location]).toEqual([303, "/account"]);
    const home = await browser.get("/account");
    expect(readNotice(home.html)).toBe("Your authenticator app is set up. Its codes work from now on.");
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("totp.enrolled");
    broker.clock.advance(30);
    expect(await logInWith(codeNow(secret))).toBe("pin");
  });

  it("uses the confirming code up: it does not work at the login any more (S-45)", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    await submit(browser, proof(codeNow(secret)));
    expect(await logInWith(codeNow(secret))).toBe("otp");
    expect(await logInWith(codeNow(secret, 30))).toBe("pin");
  });

  it("refuses a wrong code, a code of the old key and no code, and keeps the key", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    for (const otp of [wrongCode(secret), codeNow(owner().totpSecret), "", "12345"]) {
      expect((await submit(browser, proof(otp))).location).toBe(PATH);
      expect(readNotice((await browser.get(PATH)).html)).toBe(
        "That code is not right. Wait for the next one in your app and enter it.",
      );
    }
    expect(await storedSecret()).toBeNull();
    expect(await offered(browser)).toBe(secret);
    await submit(browser, proof(codeNow(secret)));
    expect(await storedSecret()).not.toBeNull();
  });

  it("keeps the key sealed, before and after it is confirmed", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    await submit(browser, proof(codeNow(secret)));
    expect(Buffer.from((await storedSecret()) ?? []).includes(secret)).toBe(false);
  });

  it("slows guesses down like those at the login (S-50)", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    for (let count = 0; count < 5; count++) await submit(browser, proof(wrongCode(secret)));
    expect((await submit(browser, proof(codeNow(secret)))).location).toBe(PATH);
    expect(await storedSecret()).toBeNull();
    broker.clock.advance(30);
    expect((await submit(browser, proof(codeNow(secret)))).location).toBe("/account");
  });

  it("works once when the form is sent ten times at once", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    const form = { csrf: csrfOf(await browser.get(PATH)), ...proof(codeNow(secret)) };
    await Promise.all(Array.from({ length: 10 }, () => browser.post(PATH, form)));
    const enrolled = (await auditEvents(broker.server.parts)).filter((event) => event === "totp.enrolled");
    expect(enrolled).toHaveLength(1);
  });

  it("cannot replace an app that is set up meanwhile in another browser", async () => {
    const first = await withoutTotp();
    const second = await signIn(broker, owner());
    const [mine, theirs] = [await offered(first), await offered(second)];
    const stale = csrfOf(await second.get(PATH));
    await submit(first, proof(codeNow(mine)));
    const answer = await second.post(PATH, { csrf: stale, ...proof(codeNow(theirs, 30)) });
    expect(answer.location).toBe(PATH);
    const { html } = await second.get(PATH);
    expect(readNotice(html)).toMatch(/^Nothing was changed:/);
    expect(readHeading(html)).toBe("Turn off the authenticator app");
    expect(await logInWith(codeNow(theirs, 30))).toBe("otp");
    expect(await logInWith(codeNow(mine, 30))).toBe("pin");
  });

  it("needs the PIN in the same form, and looks at no code without it (S-63)", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    for (const pin of ["", "12345", otherDigits(owner().pin)]) {
      expect((await submit(browser, proof(codeNow(secret), pin))).location).toBe(PATH);
      expect(readNotice((await browser.get(PATH)).html)).toMatch(/^That PIN was not accepted\./);
    }
    await submit(browser, { otp: codeNow(secret) });
    expect(await storedSecret()).toBeNull();
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(1);
    await submit(browser, proof(codeNow(secret)));
    expect(await storedSecret(), "the code was not used up").not.toBeNull();
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(0);
  });

  it("locks the account after five wrong PINs, as everywhere else (S-50)", async () => {
    const browser = await withoutTotp();
    const secret = await offered(browser);
    for (let count = 0; count < 5; count++) await submit(browser, proof(codeNow(secret), otherDigits(owner().pin)));
    expect(await auditEvents(broker.server.parts)).toContain("login.locked");
    await submit(browser, proof(codeNow(secret)));
    expect(await storedSecret()).toBeNull();
  });

  it.each([
    ["while it is compared", recoverDuringNextCheck],
    ["just after it was compared", recoverAfterNextCheck],
  ] as const)("is not done with a PIN that a recovery replaced %s (S-50)", async (_when, recover) => {
    const browser = await withoutTotp();
    const form = { csrf: csrfOf(await browser.get(PATH)), ...proof(codeNow(await offered(browser))) };
    recover(broker.server.parts, accountIdOf(owner()));
    await browser.post(PATH, form);
    expect(await storedSecret()).toBeNull();
  });

  it("is not done by a browser that is signed out while the PIN is compared", async () => {
    const browser = await withoutTotp();
    const form = { csrf: csrfOf(await browser.get(PATH)), ...proof(codeNow(await offered(browser))) };
    signOutDuringNextCheck(broker.server.parts);
    await browser.post(PATH, form);
    expect(await storedSecret()).toBeNull();
  });

  it("is done by one of two browsers that confirm at once, and the other one changes nothing", async () => {
    const first = await withoutTotp();
    const second = await signIn(broker, owner());
    const formOf = async (browser: Browser, shift: number) => {
      const otp = codeNow(await offered(browser), shift);
      return { csrf: csrfOf(await browser.get(PATH)), ...proof(otp) };
    };
    const [mine, theirs] = [await formOf(first, 0), await formOf(second, 30)];
    const answers = await Promise.all([first.post(PATH, mine), second.post(PATH, theirs)]);
    expect(answers.map(({ location }) => location).sort()).toEqual(["/account", PATH]);
    const events = await auditEvents(broker.server.parts);
    expect(events.filter((event) => event === "totp.enrolled")).toHaveLength(1);
    expect(
      events.filter((event) => event === "totp.removed"),
      "before it was set up again",
    ).toHaveLength(1);
  });
});

describe("turning an authenticator app off", () => {
  it("needs the PIN", async () => {
    const browser = await signIn(broker, owner());
    for (const pin of ["", "12345", otherDigits(owner().pin)]) {
      expect((await submit(browser, { pin })).location).toBe(PATH);
      expect(readNotice((await browser.get(PATH)).html)).toMatch(/^That PIN was not accepted\./);
    }
    expect(await storedSecret()).not.toBeNull();
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(1);
  });

  it.each([
    ["while it is compared", recoverDuringNextCheck],
    ["just after it was compared", recoverAfterNextCheck],
  ] as const)("is not done with a PIN that a recovery replaced %s (S-50)", async (_when, recover) => {
    const browser = await signIn(broker, owner());
    const form = { csrf: csrfOf(await browser.get(PATH)), pin: owner().pin };
    recover(broker.server.parts, accountIdOf(owner()));
    expect((await browser.post(PATH, form)).location).toBe(PATH);
    expect(await storedSecret()).not.toBeNull();
  });

  it("ends every signed-in browser of the person, and the key (protocol/upstox.md 2.5)", async () => {
    const browser = await signIn(broker, owner());
    const other = await signIn(broker, owner());
    const stranger = await signIn(broker, customer(broker, 1));
    const saved = browser.copy();
    const answer = await submit(browser, { pin: owner().pin });
    expect([answer.status, answer.location]).toEqual([303, "/account"]);
    for (const each of [browser, saved, other]) expect((await each.get("/account")).status).toBe(303);
    expect((await stranger.get("/account")).status).toBe(200);
    expect(await logInWith(codeNow(owner().totpSecret))).toBe("otp");
    expect(await auditEvents(broker.server.parts)).toContain("totp.removed");
  });

  it.each([
    ["an old token", { csrf: "old" }, {}],
    ["another origin", {}, { origin: "https://evil.example" }],
    ["no origin", {}, { origin: undefined }],
  ])("is not done by a form with %s (S-36)", async (_what, fields, changes) => {
    const browser = await signIn(broker, owner());
    const form = { csrf: csrfOf(await browser.get(PATH)), pin: owner().pin, ...fields };
    await browser.post(PATH, form, changes);
    expect(await storedSecret()).not.toBeNull();
  });
});
