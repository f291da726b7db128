import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createAccount,
  disableAccount,
  enableAccount,
  listAccounts,
  type NewAccountRequest,
  resetTotp,
  setAccountSecret,
  showAccount,
  unlockAccount,
} from "../../src/admin/accounts.ts";
import { PIN_TRIES } from "../../src/login/throttle.ts";
import { verifyPin } from "../../src/login/verify-pin.ts";
import { findAccount } from "../../src/store/accounts.ts";
import { execute, selectOne } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { exchange, expectErrors, getProfile, getTokens, issueCode } from "../upstox/_api.ts";
import { eventsOf, openTestAdmin, type TestAdmin } from "./_admin.ts";

const asha: NewAccountRequest = {
  broker: "upstox",
  userId: "KA1234",
  name: "Demo Customer",
  email: "demo.customer@example.in",
  mobile: "9876543210",
  secret: "246810",
};
const name = { broker: "upstox", userId: "KA1234" };

let opened: TestAdmin;
const isRight = async (pin: string) => Boolean(await verifyPin(opened.parts, "upstox:KA1234", pin));
beforeEach(async () => {
  opened = await openTestAdmin();
});
afterEach(() => opened.admin[Symbol.asyncDispose]());

describe("opening an account", () => {
  it("stores what the login needs, and no secret in the clear (S-46)", async () => {
    const created = await createAccount(opened.parts, { ...asha, pan: "abcde1234f", totp: true });
    expect(created).toMatchObject({
      broker: "upstox",
      userId: "KA1234",
      loginName: "9876543210",
      hasPan: true,
      hasTotp: true,
    });
    expect(created.totp?.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(created.totp?.uri).toContain("otpauth://totp/Upstox:KA1234?");
    expect(await isRight("246810")).toBe(true);
    const row = await opened.parts.db.read(() => selectOne("SELECT * FROM accounts"));
    const stored = JSON.stringify(row, (_key, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    );
    for (const secret of ["246810", "ABCDE1234F", created.totp?.secret]) expect(stored).not.toContain(secret);
    expect(await eventsOf(opened.parts)).toMatchObject([{ event: "account.opened", account_id: "upstox:KA1234" }]);
  });

  it("of Tradejini goes by the client code, and knows the mobile number for the SMS", async () => {
    const request = { ...asha, broker: "tradejini", userId: "TJ12345", secret: "correct horse" };
    expect(await createAccount(opened.parts, request)).toMatchObject({
      loginName: "TJ12345",
      totp: null,
      hasTotp: false,
    });
    const account = await opened.parts.db.read(() => findAccount("tradejini:TJ12345"));
    expect(JSON.parse(account?.profile ?? "")).toMatchObject({ mobile: "9876543210", userName: "Demo Customer" });
  });

  it.each<[string, Partial<NewAccountRequest>, string]>([
    ["a PIN of five digits", { secret: "24681" }, "six digits"],
    ["a short password", { broker: "tradejini", userId: "TJ12345", secret: "short" }, "8 characters"],
    ["a user id in small letters", { userId: "ka1234" }, "user id"],
    ["a client code with a dash", { broker: "tradejini", userId: "TJ-1" }, "client code"],
    ["a landline", { mobile: "2212345678" }, "mobile number"],
    ["a country code", { mobile: "+919876543210" }, "mobile number"],
    ["no address", { email: "nobody" }, "e-mail"],
    ["a name of two lines", { name: "a\nb" }, "name"],
    ["a name that turns what follows (S-56)", { name: "Demo\u202Eremotsuc" }, "visible"],
    ["half a PAN", { pan: "ABCDE" }, "PAN"],
  ])("is refused with %s", async (_name, changes, words) => {
    const attempt = createAccount(opened.parts, { ...asha, ...changes });
    await expect(attempt).rejects.toMatchObject({ code: "REFUSED" });
    await expect(attempt).rejects.toThrow(words);
  });

  it.each([{ userId: "KA9999" }, { mobile: "9876543211" }])(
    "is refused when another has the rest of %j",
    async (changes) => {
      await createAccount(opened.parts, asha);
      await expect(createAccount(opened.parts, { ...asha, ...changes })).rejects.toMatchObject({ code: "EXISTS" });
    },
  );
});

describe("the list of accounts", () => {
  it("is read page by page, by broker and user id", async () => {
    await createAccount(opened.parts, asha);
    await opened.parts.db.write(function* () {
      yield* execute(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
         INSERT INTO accounts (account_id, dialect, user_id, login_name, email, status, profile, funds, created_at)
         SELECT 'upstox:U' || i, 'upstox', 'U' || i, 'm' || i, email, status, profile, funds, created_at FROM accounts, n`,
      );
    });
    const listed: string[] = [];
    for await (const account of listAccounts(opened.parts)) listed.push(account.userId);
    expect(listed).toHaveLength(1201);
    expect(listed).toEqual([...listed].sort());
  });
});

describe("managing an account", () => {
  it("sets a new PIN: the earlier one and a lock are gone", async () => {
    await createAccount(opened.parts, asha);
    for (let n = 0; n < PIN_TRIES; n++) await isRight("000000");
    expect((await showAccount(opened.parts, name)).state).toBe("locked");
    expect((await setAccountSecret(opened.parts, name, "135790")).state).toBe("active");
    expect(await isRight("246810")).toBe(false);
    expect(await isRight("135790")).toBe(true);
    await expect(setAccountSecret(opened.parts, name, "12345")).rejects.toMatchObject({ code: "REFUSED" });
  });

  it("unlocks without a new PIN, once", async () => {
    await createAccount(opened.parts, asha);
    for (let n = 0; n < PIN_TRIES; n++) await isRight("000000");
    expect((await unlockAccount(opened.parts, name)).state).toBe("active");
    expect(await isRight("246810")).toBe(true);
    await expect(unlockAccount(opened.parts, name)).rejects.toThrow("not locked");
  });

  it("takes the authenticator app away", async () => {
    await createAccount(opened.parts, { ...asha, totp: true });
    expect((await resetTotp(opened.parts, name)).hasTotp).toBe(false);
    expect((await eventsOf(opened.parts)).at(-1)).toMatchObject({ event: "totp.removed", detail: '{"by":"operator"}' });
  });

  it("says so for an account nobody has", async () => {
    for (const attempt of [
      () => showAccount(opened.parts, name),
      () => setAccountSecret(opened.parts, name, "135790"),
      () => disableAccount(opened.parts, name),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    await expect(showAccount(opened.parts, { broker: "x", userId: "y" })).rejects.toMatchObject({ code: "REFUSED" });
  });

  it("disabled, loses everything at once and cannot log in; enabled, logs in afresh (S-24)", async () => {
    await using broker = await startBroker({ customers: 1 });
    const { parts } = broker.server;
    const [customer] = broker.upstox.customers;
    const who = { broker: "upstox", userId: customer?.userId ?? "" };
    const { access, extended } = await getTokens(broker);
    const code = await issueCode(broker);

    expect((await disableAccount(parts, who)).state).toBe("disabled");
    for (const token of [access, extended]) expectErrors(await getProfile(broker, token), 401, "UDAPI100050");
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
    await expect(broker.login("upstox")).rejects.toThrow();

    expect((await enableAccount(parts, who)).state).toBe("active");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    const again = await getTokens(broker);
    expect((await getProfile(broker, again.access)).status).toBe(200);
  });
});
