// What a person's other mobile number brings with it: whatever relied on the earlier one ends.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccount, type NewAccountRequest, setAccountMobile, showAccount } from "../../src/admin/accounts.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { signIn } from "../console/_console.ts";
import { Login, otherDigits, otpsSentTo } from "../login/_login.ts";
import { customer } from "../login/_people.ts";
import { customerOf, directLogin, expectError } from "../tradejini/_api.ts";
import { Login as TradejiniLogin } from "../tradejini/_login.ts";
import { getProfile, getTokens, MORNING } from "../upstox/_api.ts";
import { eventsOf } from "./_admin.ts";

const NEW = "9123456780";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const moved = () => ({ ...owner(), mobileNumber: NEW });
const parts = () => broker.server.parts;
const who = () => ({ broker: "upstox", userId: owner().userId });
const trader = () => ({ broker: "tradejini", userId: customerOf(broker).clientCode });
const change = (mobile = NEW) => setAccountMobile(parts(), who(), mobile);

/** Somebody new, who gets a number that was another person's. */
const newcomer = (mobile: string): NewAccountRequest => ({
  broker: "upstox",
  userId: "NC1234",
  name: "Demo Newcomer",
  email: "newcomer@example.in",
  mobile,
  secret: "135790",
});

describe("another mobile number", () => {
  it("is what one logs in with at Upstox, and codes go there", async () => {
    expect(await change()).toMatchObject({ mobile: NEW, loginName: NEW });
    const earlier = await Login.open(broker);
    await earlier.enterMobile(owner());
    const login = await (await Login.open(broker)).finish(moved());
    expect(login.callback.get("code")).toBeTruthy();
    expect(await otpsSentTo(broker, owner())).toEqual([]);
    expect(await eventsOf(parts())).toContainEqual({
      event: "account.mobile-changed",
      client_id: null,
      account_id: `upstox:${owner().userId}`,
      detail: '{"by":"operator"}',
    });
  });

  it("of Tradejini is where codes go, and the client code stays", async () => {
    expect(await setAccountMobile(parts(), trader(), NEW)).toMatchObject({ mobile: NEW, loginName: trader().userId });
    const login = await TradejiniLogin.open(broker);
    await login.enterPassword(customerOf(broker));
    await login.submit({ decision: "send_otp" });
    const [code] = await otpsSentTo(broker, { mobileNumber: NEW });
    await login.submit({ two_fa: code ?? "", two_fa_type: "otp" });
    expect(login.heading).toBe("Allow access?");
  });

  it.each([
    ["a country code", "+919123456780", "REFUSED", "ten digits"],
    ["a landline", "2212345678", "REFUSED", "ten digits"],
    ["nothing", "", "REFUSED", "ten digits"],
  ])("is refused with %s", async (_what, mobile, code, words) => {
    await expect(change(mobile)).rejects.toMatchObject({ code });
    await expect(change(mobile)).rejects.toThrow(words);
  });

  it("is refused where it is the present one, where another logs in with it, and for nobody", async () => {
    await expect(change(owner().mobileNumber)).rejects.toMatchObject({ code: "REFUSED" });
    await expect(change(customer(broker, 1).mobileNumber)).rejects.toMatchObject({ code: "EXISTS" });
    await expect(setAccountMobile(parts(), { broker: "upstox", userId: "NONE99" }, NEW)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await showAccount(parts(), who())).mobile).toBe(owner().mobileNumber);
    expect((await eventsOf(parts())).map(({ event }) => event)).not.toContain("account.mobile-changed");
  });
});

describe("what relied on the earlier number", () => {
  it("ends: signed-in browsers, and logins under way wherever they stand", async () => {
    const browser = await signIn(broker, owner());
    const atPin = await (await Login.open(broker)).toPin(owner());
    const atCode = await Login.open(broker);
    await atCode.enterMobile(owner());
    const others = await (await Login.open(broker)).toPin(customer(broker, 1));
    const sent = await atCode.sentOtp(owner());
    await change();
    expect((await browser.get("/account")).location).toBe("/account/login/upstox");
    await atPin.submit({ pin: owner().pin });
    expect(atPin.shown).toBe("mobile");
    await atCode.submit({ otp: sent });
    expect(atCode.shown).toBe("mobile");
    await others.submit({ pin: customer(broker, 1).pin });
    expect(others.callback.get("code"), "another person's login").toBeTruthy();
  });

  it("ends: a code that was sent there does not count for whoever gets the number next", async () => {
    const login = await Login.open(broker);
    await login.enterMobile(owner());
    const sent = await login.sentOtp(owner());
    await change();
    await createAccount(parts(), newcomer(owner().mobileNumber));
    await login.submit({ otp: sent });
    expect(login.shown).toBe("mobile");
  });

  it("ends: at Tradejini a code that was sent there opens neither the page nor the direct login", async () => {
    const login = await TradejiniLogin.open(broker);
    await login.enterPassword(customerOf(broker));
    const code = await login.askForCode(customerOf(broker));
    await setAccountMobile(parts(), trader(), NEW);
    const direct = await directLogin(broker, { fields: { twoFa: code, twoFaTyp: "otp" } });
    expectError(direct, "UNAUTHORIZED");
    await login.submit({ two_fa: code, two_fa_type: "otp" });
    expect(login.notice).toMatch(/again/);
    expect(login.heading).not.toBe("Allow access?");
  });

  it("ends: a request whose link was sent there", async () => {
    await askForToken(broker, broker.upstox.app);
    await change();
    expect((await ApprovalPage.open(broker)).heading).toBe("This request has ended");
  });

  it("and tokens do not: they live on", async () => {
    const { access } = await getTokens(broker);
    await change();
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});

describe("the throttles of a number", () => {
  const guessWrong = async (mobileNumber: string, times: number) => {
    const login = await Login.open(broker);
    for (let count = 0; count < times; count++) {
      if (login.shown !== "otp") await login.enterMobile({ mobileNumber });
      await login.submit({ otp: otherDigits(...(await otpsSentTo(broker, { mobileNumber }))) });
    }
    return login;
  };
  const guessesAt = async (loginName: string) =>
    await parts().db.read(() =>
      selectAll<{ throttle_key: string }>(
        "SELECT throttle_key FROM throttles WHERE throttle_key LIKE ? ORDER BY throttle_key",
        `otp-%:upstox:${loginName}%`,
      ),
    );

  it("are not those of whoever has it next: neither waits nor trusted sources (S-49)", async () => {
    await (await Login.open(broker)).finish(owner());
    await guessWrong(owner().mobileNumber, 5);
    await guessWrong(NEW, 5);
    await guessWrong(customer(broker, 1).mobileNumber, 1);
    const others = await guessesAt(customer(broker, 1).mobileNumber);
    await change();
    await createAccount(parts(), newcomer(owner().mobileNumber));
    const left = [...(await guessesAt(owner().mobileNumber)), ...(await guessesAt(NEW))];
    // What was sent to a number still counts against floods of messages (S-44).
    expect(left.map(({ throttle_key }) => throttle_key.split(":")[0])).toEqual(["otp-number", "otp-number"]);
    expect(await guessesAt(customer(broker, 1).mobileNumber)).toEqual(others);
    const login = await (await Login.open(broker)).finish(moved());
    expect(login.callback.get("code")).toBeTruthy();
  });
});
