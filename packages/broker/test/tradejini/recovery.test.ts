import { startBroker, type TestBroker, type TradejiniDemoCustomer } from "@kunji/broker/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findAccount, lockAfterFailures, replacePin } from "../../src/store/accounts.ts";
import { readProfile } from "../../src/tradejini/profile-data.ts";
import { withoutReference } from "../login/_login.ts";
import {
  accountIdOf,
  customerOf,
  directLogin,
  exchange,
  expectError,
  getDetails,
  getPair,
  issueCode,
  MORNING,
} from "./_api.ts";
import { Login, newestCode } from "./_login.ts";

let broker: TestBroker;
let customer: TradejiniDemoCustomer;
let pan = "";
beforeEach(async () => {
  broker = await startBroker();
  broker.clock.freeze(MORNING);
  customer = customerOf(broker);
  pan = readProfile((await accountNow())?.profile ?? "").pan;
});
afterEach(() => broker.close());

const accountNow = () => broker.server.parts.db.read(() => findAccount(accountIdOf(broker)));
const NEW = "a longer password";

/** Up to the page that asks for the code. */
async function askForRecovery(clientCode: string, givenPan: string): Promise<Login> {
  const login = await Login.open(broker);
  await login.submit({ decision: "forgot_password" });
  expect(login.heading).toBe("Set a new password");
  await login.submit({ client_code: clientCode, pan: givenPan });
  return login;
}

describe("a forgotten password, and a locked account (S-49)", () => {
  it("is replaced by client code, PAN and a code by SMS; then one logs in with the new one", async () => {
    await broker.server.parts.db.write(() => lockAfterFailures(accountIdOf(broker), 0, MORNING));
    const login = await askForRecovery(customer.clientCode.toLowerCase(), pan.toLowerCase());
    expect(login.heading).toBe("Enter the code we sent");
    await login.submit({ otp: await newestCode(broker, customer) });
    expect(login.heading).toBe("Choose a new password");
    await login.submit({ password: NEW, password_again: NEW });
    expect(login.notice).toBe("Your new password is saved. Log in with it.");
    expect((await accountNow())?.lockedAt).toBeNull();
    await login.enterPassword(customer);
    expect(login.heading, "the old one is no good any more").toBe("Log in with your Tradejini account");
    await login.enterPassword({ ...customer, password: NEW });
    await login.submit({ two_fa: broker.totpCode(customer.totpSecret), two_fa_type: "totp" });
    expect(login.heading).toBe("Allow access?");
  });

  it("ends every token of the account", async () => {
    const pair = await getPair(broker);
    const login = await askForRecovery(customer.clientCode, pan);
    await login.submit({ otp: await newestCode(broker, customer) });
    expect((await getDetails(broker, pair)).status).toBe(200);
    await login.submit({ password: NEW, password_again: NEW });
    expectError(await getDetails(broker, pair), "UNAUTHORIZED");
  });

  it("ends the logins and codes that the old password got somebody", async () => {
    const other = customerOf(broker, 1);
    const stolen = await (await Login.open(broker)).toApproval(customer);
    const unconcerned = await (await Login.open(broker)).toApproval(other);
    const code = await issueCode(broker);
    const codeOfOther = await issueCode(broker, { customer: 1 });
    const login = await askForRecovery(customer.clientCode, pan);
    await login.submit({ otp: await newestCode(broker, customer) });
    await login.submit({ password: NEW, password_again: NEW });
    expectError(await exchange(broker, code), "UNAUTHORIZED");
    await stolen.submit({ decision: "approve" });
    expect(stolen.page.location).toBeUndefined();
    expect(stolen.heading).toBe("Log in with your Tradejini account");
    await stolen.enterPassword(customer);
    expect(stolen.heading).toBe("Log in with your Tradejini account");
    expect((await exchange(broker, codeOfOther)).status).toBe(200);
    await unconcerned.submit({ decision: "approve" });
    expect(unconcerned.callback.get("code")).not.toBeNull();
  });

  it.each([
    ["password replaced", (hash: string) => replacePin(accountIdOf(broker), hash)],
    ["account locked", () => lockAfterFailures(accountIdOf(broker), 0, MORNING)],
  ] as const)("counts for a check that began before it: %s, on the page and at the direct login", async (_, change) => {
    const { db, hasher } = broker.server.parts;
    const { verify } = hasher;
    const newHash = await hasher.hash(NEW);
    const changedMeanwhile = () =>
      vi.spyOn(hasher, "verify").mockImplementationOnce(async (stored, password) => {
        const verdict = await verify(stored, password);
        expect(verdict.matches).toBe(true);
        await db.write<unknown>(() => change(newHash));
        return verdict;
      });
    changedMeanwhile();
    const login = await Login.open(broker);
    await login.enterPassword(customer);
    expect(login.heading).toBe("Log in with your Tradejini account");
    await broker.reset();
    broker.clock.freeze(MORNING);
    changedMeanwhile();
    expectError(await directLogin(broker), "UNAUTHORIZED");
    const { lockedAt } = (await accountNow()) ?? {};
    if (change.length === 0) expect(lockedAt).toBe(MORNING);
  });

  it("sends the code by SMS and by e-mail", async () => {
    await askForRecovery(customer.clientCode, pan);
    const kinds = (await broker.inbox()).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["email", "sms"]);
  });

  it("shows the same to a wrong PAN and to a client code nobody has, and sends nothing (S-43)", async () => {
    const seen: string[] = [];
    for (const [code, given] of [
      [customer.clientCode, pan],
      [customer.clientCode, "ABCDE1234F"],
      ["TJ99999", pan],
    ] as const) {
      const login = await askForRecovery(code, given);
      seen.push(withoutReference(login.page.html).replaceAll(login.csrf, "").replaceAll(login.path, ""));
    }
    expect(new Set(seen).size).toBe(1);
    expect((await broker.inbox()).filter(({ kind }) => kind === "sms")).toHaveLength(1);
  });

  it("cannot be used by strangers to keep SMS codes from the login (S-44, S-49)", async () => {
    await using strict = await startBroker({ settings: { KUNJI_OTP_PER_NUMBER: 3 } });
    const owner = customerOf(strict);
    for (let tries = 0; tries < 4; tries++) {
      const login = await Login.open(strict);
      await login.submit({ decision: "forgot_password" });
      await login.submit({ client_code: owner.clientCode, pan: "ZZZZZ9999Z" });
    }
    const login = await Login.open(strict);
    await login.enterPassword(owner);
    expect(await login.askForCode(owner)).toMatch(/^\d{6}$/);
  });

  it("is sent no more than three codes in ten minutes, those of the login among them (S-44)", async () => {
    await using strict = await startBroker({ settings: { KUNJI_OTP_PER_NUMBER: 3 } });
    const owner = customerOf(strict);
    const login = await Login.open(strict);
    await login.enterPassword(owner);
    for (let sends = 0; sends < 2; sends++) await login.askForCode(owner);
    for (let sends = 0; sends < 2; sends++) {
      const recovery = await Login.open(strict);
      await recovery.submit({ decision: "forgot_password" });
      await recovery.submit({ client_code: owner.clientCode, pan });
      expect([recovery.heading, recovery.notice]).toEqual(["Enter the code we sent", undefined]);
    }
    expect((await strict.inbox()).filter(({ kind }) => kind === "sms")).toHaveLength(3);
  });

  it("does not take the authenticator's code: it alone must not replace the password", async () => {
    const login = await askForRecovery(customer.clientCode, pan);
    await login.submit({ otp: broker.totpCode(customer.totpSecret) });
    expect(login.heading).toBe("Enter the code we sent");
  });

  it("leads nobody past a wrong PAN, also not by asking again", async () => {
    const login = await askForRecovery(customer.clientCode, "ABCDE1234F");
    await login.submit({ decision: "resend" });
    expect(await newestCode(broker, customer)).toBe("");
    await login.submit({ otp: "000000" });
    expect(login.heading).toBe("Enter the code we sent");
  });

  it("wants eight characters, twice the same", async () => {
    const login = await askForRecovery(customer.clientCode, pan);
    await login.submit({ otp: await newestCode(broker, customer) });
    await login.submit({ password: "short", password_again: "short" });
    expect(login.notice).toBe("A password has at least 8 characters.");
    await login.submit({ password: NEW, password_again: `${NEW}!` });
    expect(login.notice).toBe("The two passwords differ. Enter the same one twice.");
  });

  it("makes a source wait that guesses PANs", async () => {
    const login = await Login.open(broker);
    for (let tries = 0; tries < 5; tries++) {
      const guess = await askForRecovery(customer.clientCode, `ABCDE${1000 + tries}F`);
      expect(guess.heading).toBe("Enter the code we sent");
    }
    await login.submit({ decision: "forgot_password" });
    await login.submit({ client_code: customer.clientCode, pan });
    expect(login.notice).toBe("There were too many wrong tries. Wait a while, then try again.");
  });
});

describe("the account console of a Tradejini customer", () => {
  it("turns the authenticator off with the password", async () => {
    const login = await Login.open(broker, { address: `${broker.url}/account/login/tradejini` });
    await login.enterPassword(customer);
    await login.submit({ two_fa: broker.totpCode(customer.totpSecret), two_fa_type: "totp" });
    login.page = await login.browser.get("/account/totp");
    expect(login.page.html).toContain("Tradejini password");
    await login.submit({ password: "wrong" });
    expect(login.notice).toMatch(/^That password was not accepted\./);
    await login.submit({ password: customer.password });
    expect((await accountNow())?.totpSecret).toBeNull();
  });
});
