import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAccount } from "../../src/store/accounts.ts";
import { replaceClientIps } from "../../src/store/clients.ts";
import {
  accessTokenOf,
  accountIdOf,
  call,
  customerOf,
  type DirectChanges,
  directLogin,
  expectError,
  FORM,
  getDetails,
  MORNING,
} from "./_api.ts";
import { Login, otherDigits } from "./_login.ts";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker();
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

/** A direct login in a second of its own, so that the zone does not stand in the way. */
async function login(changes?: DirectChanges) {
  broker.clock.advance(1);
  return await directLogin(broker, changes);
}

const pathOfDirect = tradejiniRoutes.updatedIndividualToken.path;
const registerIps = (...ips: string[]) =>
  broker.server.parts.db.write(() => replaceClientIps(broker.tradejini.individualApp.clientId, ips));
const owner = () => broker.server.parts.db.read(() => findAccount(accountIdOf(broker)));

describe("POST /v2/api-gw/oauth/individual-token-v2", () => {
  it("logs the app's owner in with password and authenticator code", async () => {
    const answer = await login();
    expect(answer.text).toMatch(
      /^\{"scope":"general","access_token":"kutj_at_[\w-]+","token_type":"bearer","expires_in":86400\}$/,
    );
    const pair = `${broker.tradejini.individualApp.clientId}:${accessTokenOf(answer)}`;
    expect((await getDetails(broker, pair)).json).toMatchObject({ d: { userId: customerOf(broker).clientCode } });
  });

  it("ignores fields it does not know, which older guides send", async () => {
    expect((await login({ fields: { userid: "TJ00000", userId: "x", totp: "1" } })).status).toBe(200);
  });

  it("logs in with an SMS code that the owner asked for on the login page", async () => {
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    const twoFa = await pages.askForCode(customerOf(broker));
    expect((await login({ fields: { twoFa, twoFaTyp: "otp" } })).status).toBe(200);
    expectError(await login({ fields: { twoFa, twoFaTyp: "otp" } }), "UNAUTHORIZED");
    await pages.submit({ two_fa: twoFa, two_fa_type: "otp" });
    expect(pages.heading, "used up on the pages as well").toBe("Enter your code");
  });

  it("takes no SMS code that is older than a minute, of another person, or already used on the page", async () => {
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    const late = await pages.askForCode(customerOf(broker));
    broker.clock.advance(60);
    expectError(await login({ fields: { twoFa: late, twoFaTyp: "otp" } }), "UNAUTHORIZED");
    const used = await pages.askForCode(customerOf(broker));
    await pages.submit({ two_fa: used, two_fa_type: "otp" });
    expect(pages.heading).toBe("Allow access?");
    expectError(await login({ fields: { twoFa: used, twoFaTyp: "otp" } }), "UNAUTHORIZED");
    const stranger = await Login.open(broker);
    await stranger.enterPassword(customerOf(broker, 1));
    const theirs = await stranger.askForCode(customerOf(broker, 1));
    expectError(await login({ fields: { twoFa: theirs, twoFaTyp: "otp" } }), "UNAUTHORIZED");
  });

  it.each([
    ["no API key", { apiKey: undefined }],
    ["an unknown API key", { apiKey: "0".repeat(32) }],
    ["a key with a token behind it", { apiKey: "key:token" }],
    ["a wrong password", { fields: { password: "kunji-000000" } }],
    ["a wrong code", { fields: { twoFa: "000000" } }],
    ["a code that is none", { fields: { twoFa: "abc" } }],
    ["the wrong type for the code", { fields: { twoFaTyp: "otp" } }],
    ["an unknown type", { fields: { twoFaTyp: "TOTP" } }],
    ["a type out of the prototype", { fields: { twoFaTyp: "constructor" } }],
  ] as const)("answers %s with the one bare 401", async (_name, changes) => {
    expectError(await login(changes), "UNAUTHORIZED");
  });

  it("is for individual apps only: the key of a user app is refused like an unknown one (D3, S-25)", async () => {
    expectError(await login({ apiKey: broker.tradejini.userApp.clientId }), "UNAUTHORIZED");
  });

  it("answers all refusals with the same bytes and the same header names (S-43, S-111)", async () => {
    const answers = [
      await login({ apiKey: "0".repeat(32) }),
      await login({ fields: { password: "x" } }),
      await login({ fields: { twoFa: "000000" } }),
      await login({ fields: { twoFaTyp: "none" } }),
    ];
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => [...headers.keys()].join())).size).toBe(1);
  });

  it.each(["password", "twoFa", "twoFaTyp"])("asks for %s with the validation text", async (field) => {
    expectError(await login({ fields: { [field]: undefined } }), "VALIDATION");
    expectError(await login({ fields: { [field]: "" } }), "VALIDATION");
  });

  it("answers 400 Bad request to JSON and to a POST without Content-Type", async () => {
    const token = broker.tradejini.individualApp.clientId;
    const json = { token, headers: { "content-type": "application/json" }, body: '{"password":"x"}' };
    expectError(await call(broker, "POST", pathOfDirect, json), "BAD_REQUEST");
    expectError(await call(broker, "POST", pathOfDirect, { token }), "BAD_REQUEST");
  });
});

describe("the order of checks (protocol 8)", () => {
  it("is zone, address, Content-Type, fields, credentials", async () => {
    await registerIps("203.0.113.7");
    const token = broker.tradejini.individualApp.clientId;
    const json = { token, headers: { "content-type": "application/json" }, body: "{}" };
    expectError(await call(broker, "POST", pathOfDirect, json), "UNAUTHORIZED");
    await registerIps();
    expectError(await call(broker, "POST", pathOfDirect, json), "BAD_REQUEST");
    expectError(await call(broker, "POST", pathOfDirect, { token: "wrong", headers: FORM, body: "a=b" }), "VALIDATION");
    expectError(await call(broker, "POST", pathOfDirect, json), "TOO_MANY");
  });
});

describe("registered addresses of an individual app", () => {
  it("are checked on the token call and on every data call", async () => {
    await registerIps("127.0.0.1", "203.0.113.7");
    const answer = await login();
    expect(answer.status).toBe(200);
    const pair = `${broker.tradejini.individualApp.clientId}:${accessTokenOf(answer)}`;
    expect((await getDetails(broker, pair)).status).toBe(200);
    await registerIps("203.0.113.7");
    expectError(await getDetails(broker, pair), "UNAUTHORIZED");
    broker.clock.advance(30);
    expectError(await login(), "UNAUTHORIZED");
  });

  it("leave no trace of a refused call: the code still works", async () => {
    await registerIps("203.0.113.7");
    expectError(await login(), "UNAUTHORIZED");
    await registerIps();
    expect((await login()).status).toBe(200);
  });

  it("can be refused with 403, as the vendor's other page has it", async () => {
    await using other = await startBroker({ settings: { KUNJI_TRADEJINI_FORBID_UNLISTED_IP: true } });
    const { clientId } = other.tradejini.individualApp;
    await other.server.parts.db.write(() => replaceClientIps(clientId, ["203.0.113.7"]));
    expectError(await directLogin(other), "FORBIDDEN");
    expectError(await getDetails(other, `${clientId}:nonsense`), "FORBIDDEN");
  });
});

describe("throttle and lock of the direct login", () => {
  it("uses an authenticator code once, over endpoint and pages (S-45)", async () => {
    const code = broker.totpCode(customerOf(broker).totpSecret);
    expect((await login({ fields: { twoFa: code } })).status).toBe(200);
    expectError(await login({ fields: { twoFa: code } }), "UNAUTHORIZED");
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    await pages.submit({ two_fa: code, two_fa_type: "totp" });
    expect(pages.heading).toBe("Enter your code");
  });

  it("lets one of twenty parallel logins with one code through", async () => {
    await using wide = await startBroker({ settings: { KUNJI_TRADEJINI_OTP_PER_SECOND: 100 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => directLogin(wide)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("makes a source wait after five wrong passwords, here and on the pages, and locks nobody (S-49, S-50)", async () => {
    for (let tries = 0; tries < 5; tries++) {
      expectError(await login({ fields: { password: "wrong", twoFa: "000000" } }), "UNAUTHORIZED");
    }
    expectError(await login(), "UNAUTHORIZED");
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    expect(pages.notice).toBe("There were too many wrong tries. Wait a while, then try again.");
    expect(await owner()).toMatchObject({ lockedAt: null, pinFailures: 0 });
    broker.clock.advance(3600);
    const later = await Login.open(broker);
    await later.enterPassword(customerOf(broker));
    expect(later.heading).toBe("Enter your code");
    expect((await login()).status).toBe(200);
  });

  it("locks the account after five wrong passwords with right codes, for every channel (S-49, S-50)", async () => {
    for (let tries = 0; tries < 5; tries++) {
      expectError(await login({ fields: { password: "wrong" } }), "UNAUTHORIZED");
      // Another code, and the source has waited.
      broker.clock.advance(7200);
    }
    expect((await owner())?.lockedAt).not.toBeNull();
    expectError(await login(), "UNAUTHORIZED");
    broker.clock.advance(7200);
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    expect(pages.notice).toBe("Client code or password is not right. Check both and try again.");
  });

  it("starts the count again after a right login", async () => {
    for (let round = 0; round < 2; round++) {
      for (let tries = 0; tries < 3; tries++) {
        expectError(await login({ fields: { password: "wrong" } }), "UNAUTHORIZED");
        broker.clock.advance(7200);
      }
      expect((await login()).status).toBe(200);
      broker.clock.advance(7200);
    }
    expect(await owner()).toMatchObject({ lockedAt: null, pinFailures: 0 });
  });

  it("works after hundreds of right logins in a row: they are no guesses", async () => {
    for (let day = 0; day < 120; day++) {
      expect((await login()).status).toBe(200);
      broker.clock.advance(3_600);
    }
  });

  it("leaves the owner's SMS code alone when a stranger with the app's key tries codes (S-44, S-49)", async () => {
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    const code = await pages.askForCode(customerOf(broker));
    for (let tries = 0; tries < 5; tries++) {
      const fields = { password: "wrong", twoFa: otherDigits(code), twoFaTyp: "otp" };
      expectError(await login({ fields }), "UNAUTHORIZED");
    }
    // Owner and stranger have one address here, and it has to wait.
    broker.clock.advance(31);
    await pages.submit({ two_fa: code, two_fa_type: "otp" });
    expect(pages.heading).toBe("Allow access?");
  });

  it("allows five tries at an SMS code with the right password, over endpoint and pages (S-44, S-50)", async () => {
    const pages = await Login.open(broker);
    await pages.enterPassword(customerOf(broker));
    const code = await pages.askForCode(customerOf(broker));
    for (let tries = 0; tries < 5; tries++) {
      expectError(await login({ fields: { twoFa: otherDigits(code), twoFaTyp: "otp" } }), "UNAUTHORIZED");
    }
    broker.clock.advance(31);
    await pages.submit({ two_fa: code, two_fa_type: "otp" });
    expect(pages.heading).toBe("Enter your code");
  });

  it("evaluates wrong codes of one source five times, then not at all (S-48)", async () => {
    const right = () => broker.totpCode(customerOf(broker).totpSecret);
    for (let tries = 0; tries < 5; tries++) {
      expectError(await login({ fields: { twoFa: otherDigits(right()) } }), "UNAUTHORIZED");
    }
    expectError(await login(), "UNAUTHORIZED");
  });
});
