import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAccount } from "../../src/store/accounts.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { withoutReference } from "../login/_login.ts";
import { accountIdOf, customerOf, exchange, MORNING } from "./_api.ts";
import { Login, newestCode, otherDigits } from "./_login.ts";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker();
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const WRONG = "Client code or password is not right. Check both and try again.";
const WAIT = "There were too many wrong tries. Wait a while, then try again.";
const totp = (index = 0) => broker.totpCode(customerOf(broker, index).totpSecret);
const accountOf = (index = 0) => broker.server.parts.db.read(() => findAccount(accountIdOf(broker, index)));

describe("a login at Tradejini", () => {
  it("goes from client code and password over the authenticator's code to the consent, and back", async () => {
    const login = await Login.open(broker, { state: "a b&c=%" });
    expect(login.heading).toBe("Log in with your Tradejini account");
    await login.enterPassword(customerOf(broker));
    expect(login.heading).toBe("Enter your code");
    await login.submit({ two_fa: totp(), two_fa_type: "totp" });
    expect(login.heading).toBe("Allow access?");
    for (const word of ["Demo Order Desk", "127.0.0.1:7475", "See your account details", "09:05 IST on Thu, 26 Nov"]) {
      expect(login.page.html).toContain(word);
    }
    await login.submit({ decision: "approve" });
    expect(login.callback.get("state")).toBe("a b&c=%");
    expect(login.callback.get("iss")).toBe(`${broker.url}/tradejini`);
    expect((await exchange(broker, login.callback.get("code") ?? "")).status).toBe(200);
  });

  it("goes with a code by SMS, which lives a minute", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customerOf(broker));
    const late = await login.askForCode(customerOf(broker));
    expect(login.notice).toMatch(/^A code is on its way/);
    broker.clock.advance(60);
    await login.submit({ two_fa: late, two_fa_type: "otp" });
    expect(login.heading).toBe("Enter your code");
    const code = await login.askForCode(customerOf(broker));
    broker.clock.advance(59);
    await login.submit({ two_fa: code, two_fa_type: "otp" });
    expect(login.heading).toBe("Allow access?");
  });

  it("accepts a client code in small letters with spaces around it", async () => {
    const { clientCode, password } = customerOf(broker);
    const login = await Login.open(broker);
    await login.submit({ client_code: ` ${clientCode.toLowerCase()} `, password });
    expect(login.heading).toBe("Enter your code");
  });

  it("takes the authenticator's code when the form does not say which it is", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customerOf(broker));
    await login.submit({ two_fa: totp() });
    expect(login.heading).toBe("Allow access?");
  });

  it("does not take a right code as the other kind", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customerOf(broker));
    const sms = await login.askForCode(customerOf(broker));
    await login.submit({ two_fa: totp(), two_fa_type: "otp" });
    expect(login.heading).toBe("Enter your code");
    await login.submit({ two_fa: sms, two_fa_type: "totp" });
    expect(login.heading).toBe("Enter your code");
  });

  it("leads to the account console without a consent", async () => {
    const login = await Login.open(broker, { address: `${broker.url}/account/login/tradejini` });
    await login.enterPassword(customerOf(broker));
    await login.submit({ two_fa: totp(), two_fa_type: "totp" });
    expect(new URL(login.page.url).pathname).toBe("/account");
    expect(login.page.html).toContain("Demo Customer 1");
  });

  it("can be denied at every step, and tells the app", async () => {
    for (const steps of [0, 1, 2]) {
      const login = await Login.open(broker, { state: "s" });
      if (steps > 0) await login.enterPassword(customerOf(broker, steps));
      if (steps > 1) await login.submit({ two_fa: totp(steps), two_fa_type: "totp" });
      await login.submit({ decision: "deny" });
      expect(Object.fromEntries(login.callback)).toEqual({
        error: "access_denied",
        state: "s",
        iss: `${broker.url}/tradejini`,
      });
    }
  });

  it("starts again at a form out of order (S-34)", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customerOf(broker));
    await login.submit({ decision: "maybe" });
    expect(login.heading).toBe("Log in with your Tradejini account");
    expect(login.notice).toMatch(/out of order/);
    await login.submit({ two_fa: totp(), two_fa_type: "totp" });
    expect(login.heading).toBe("Log in with your Tradejini account");
  });

  it("changes the browser's cookie after each proof (S-37)", async () => {
    const login = await Login.open(broker);
    const cookies: (string | undefined)[] = [];
    const keep = () => cookies.push([...login.browser.cookies.values()][0]);
    keep();
    await login.enterPassword(customerOf(broker));
    keep();
    await login.submit({ two_fa: totp(), two_fa_type: "totp" });
    keep();
    expect(new Set(cookies).size).toBe(3);
  });

  it("takes each form once (S-41)", async () => {
    const login = await Login.open(broker);
    const { clientCode, password } = customerOf(broker);
    const form = { csrf: login.csrf, client_code: clientCode, password };
    const answers = await Promise.all([login.browser.post(login.path, form), login.browser.post(login.path, form)]);
    expect(answers.every(({ status }) => status === 303)).toBe(true);
    await login.reload();
    expect(["Enter your code", "This page cannot go on"]).toContain(login.heading);
  });

  it("leaves a whole audit chain behind, without a secret in it", async () => {
    const login = await Login.open(broker);
    await login.enterPassword({ clientCode: customerOf(broker).clientCode, password: "kunji-wrong" });
    await login.enterPassword(customerOf(broker));
    const code = await login.askForCode(customerOf(broker));
    await login.submit({ two_fa: code, two_fa_type: "otp" });
    await login.submit({ decision: "approve" });
    const { db, keys } = broker.server.parts;
    expect(await db.read(() => verifyAudit(keys.audit))).toMatchObject({ outcome: "whole" });
  });
});

describe("what a guesser learns and gets (S-43, S-49)", () => {
  it("sees one page for an unknown client code, a wrong password and a locked account", async () => {
    const { db } = broker.server.parts;
    const { lockAfterFailures } = await import("../../src/store/accounts.ts");
    await db.write(() => lockAfterFailures(accountIdOf(broker, 2), 0, MORNING));
    const seen: string[] = [];
    for (const [clientCode, password] of [
      ["TJ99999", "kunji-000000"],
      [customerOf(broker, 1).clientCode, "kunji-000000"],
      [customerOf(broker, 2).clientCode, customerOf(broker, 2).password],
    ] as const) {
      const login = await Login.open(broker);
      const answer = await login.submit({ client_code: clientCode, password });
      expect(answer.status).toBe(303);
      expect(login.notice).toBe(WRONG);
      const page = withoutReference(login.page.html).replaceAll(login.csrf, "").replaceAll(login.path, "");
      seen.push(page);
    }
    expect(new Set(seen).size).toBe(1);
  });

  it("costs one password hash whatever is wrong", async () => {
    await using counted = await startBroker();
    const { hasher } = counted.server.parts;
    let hashes = 0;
    const verify = hasher.verify.bind(hasher);
    Object.assign(hasher, {
      verify: (stored: string | undefined, pin: string) => {
        hashes++;
        return verify(stored, pin);
      },
    });
    for (const [clientCode, password] of [
      ["TJ99999", "kunji-000000"],
      [customerOf(counted).clientCode, "kunji-000000"],
      [customerOf(counted).clientCode, customerOf(counted).password],
    ] as const) {
      const login = await Login.open(counted);
      hashes = 0;
      await login.enterPassword({ clientCode, password });
      expect(hashes).toBe(1);
    }
  });

  it("waits after five wrong passwords, for a known and an unknown client code alike", async () => {
    for (const clientCode of [customerOf(broker).clientCode, "TJ99999"]) {
      const login = await Login.open(broker);
      for (let tries = 0; tries < 5; tries++) {
        await login.enterPassword({ clientCode, password: `kunji-${tries}` });
        expect(login.notice).toBe(WRONG);
      }
      await login.enterPassword({ clientCode, password: customerOf(broker).password });
      expect(login.notice).toBe(WAIT);
    }
    broker.clock.advance(30);
    const login = await Login.open(broker);
    await login.enterPassword(customerOf(broker));
    expect(login.heading).toBe("Enter your code");
  });

  it("cannot lock anybody's account with wrong passwords, from whatever many places", async () => {
    await using other = await startBroker({ settings: { KUNJI_TRUSTED_PROXIES: "127.0.0.1" } });
    other.clock.freeze(MORNING);
    const { Browser } = await import("../login/_browser.ts");
    const victim = customerOf(other);
    const from = (address: string) => new Browser(other.url, { "x-forwarded-for": address });
    for (let count = 0; count < 101; count++) {
      const login = await Login.open(other, { browser: from(`203.0.113.${count}`) });
      await login.enterPassword({ clientCode: victim.clientCode, password: "kunji-wrong" });
    }
    const blocked = await Login.open(other, { browser: from("198.51.100.1") });
    await blocked.enterPassword(victim);
    expect(blocked.notice).toBe(WAIT);
    other.clock.advance(3600);
    const owner = await Login.open(other, { browser: from("198.51.100.1") });
    await owner.enterPassword(victim);
    expect(owner.heading).toBe("Enter your code");
  });

  it("cannot outrun the count with parallel tries (S-47)", async () => {
    const { clientCode } = customerOf(broker);
    const logins = await Promise.all(Array.from({ length: 20 }, () => Login.open(broker)));
    await Promise.all(logins.map((login) => login.enterPassword({ clientCode, password: "kunji-wrong" })));
    expect(logins.filter(({ notice }) => notice === WRONG)).toHaveLength(5);
    expect(logins.filter(({ notice }) => notice === WAIT)).toHaveLength(15);
  });

  it("gets five tries at a code, over both kinds", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customerOf(broker));
    const code = await login.askForCode(customerOf(broker));
    for (let tries = 0; tries < 5; tries++) {
      await login.submit({ two_fa: otherDigits(code, totp()), two_fa_type: tries % 2 ? "otp" : "totp" });
      expect(login.heading).toBe("Enter your code");
    }
    await login.submit({ two_fa: code, two_fa_type: "otp" });
    expect(login.notice).toBe(WAIT);
    expect(await accountOf()).toMatchObject({ lockedAt: null });
  });

  it("gets no message without the password, and no more than three in ten minutes with it (S-44)", async () => {
    await using strict = await startBroker({ settings: { KUNJI_OTP_PER_NUMBER: 3 } });
    strict.clock.freeze(MORNING);
    const stranger = await Login.open(strict);
    await stranger.submit({ client_code: customerOf(strict).clientCode, decision: "send_otp" });
    expect(await newestCode(strict, customerOf(strict))).toBe("");
    const login = await Login.open(strict);
    await login.enterPassword(customerOf(strict));
    for (let sends = 0; sends < 3; sends++) await login.askForCode(customerOf(strict));
    const third = await newestCode(strict, customerOf(strict));
    await login.submit({ decision: "send_otp" });
    expect(login.notice).toMatch(/^Several codes were asked for already/);
    expect(await newestCode(strict, customerOf(strict))).toBe(third);
  });

  it("cannot use a code in another login than the one it was asked for in (S-44)", async () => {
    const [mine, theirs] = [await Login.open(broker), await Login.open(broker)];
    await mine.enterPassword(customerOf(broker));
    await theirs.enterPassword(customerOf(broker));
    const code = await mine.askForCode(customerOf(broker));
    await theirs.submit({ two_fa: code, two_fa_type: "otp" });
    expect(theirs.heading).toBe("Enter your code");
    await mine.submit({ two_fa: code, two_fa_type: "otp" });
    expect(mine.heading).toBe("Allow access?");
  });

  it("cannot use an authenticator's code twice in two logins (S-45)", async () => {
    const logins = [await Login.open(broker), await Login.open(broker)];
    for (const login of logins) await login.enterPassword(customerOf(broker));
    await Promise.all(logins.map((login) => login.submit({ two_fa: totp(), two_fa_type: "totp" })));
    expect(logins.map(({ heading }) => heading).sort()).toEqual(["Allow access?", "Enter your code"]);
  });
});
