/** The published `upstox-js-sdk`, unmodified, against this broker. @see protocol/upstox.md 9 */
import { logInAsCustomer, startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AppServer, startAppServer } from "./_app-server.ts";
import {
  callSdk,
  type SdkEnvelope,
  type SdkFundsBySegment,
  type SdkFundsV3,
  type SdkIps,
  type SdkOutcome,
  type SdkToken,
  upstoxSdk,
} from "./_upstox-js-sdk.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");
const { instance } = upstoxSdk.ApiClient;
const { OAUTH2 } = instance.authentications;
const loginApi = new upstoxSdk.LoginApi();
const userApi = new upstoxSdk.UserApi();

let app: AppServer;
let broker: TestBroker;
beforeAll(async () => {
  app = await startAppServer();
  broker = await startBroker({ customers: 3, redirectUri: app.redirectUri, notifierUrl: app.notifierUrl });
  instance.basePath = broker.url;
});
afterAll(async () => {
  await broker.close();
  await app.close();
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
  OAUTH2.accessToken = undefined;
});

function exchange(code: string | undefined, changes: object = {}): Promise<SdkOutcome<SdkToken>> {
  const { clientId, clientSecret, redirectUri } = broker.upstox.app;
  const fields = { code, clientId, clientSecret, redirectUri, grantType: "authorization_code", ...changes };
  return callSdk((done) => loginApi.token("2.0", fields, done));
}

/** Logs the customer in over the pages and gives the SDK the token, as its examples do. */
async function logIn(customer = broker.upstox.customers[0]): Promise<SdkToken> {
  const { code } = await broker.login("upstox", customer ? { customer } : {});
  const { error, data } = await exchange(code);
  expect(error).toBeNull();
  OAUTH2.accessToken = data.accessToken;
  return data;
}

function failureOf({ error, data }: SdkOutcome<unknown>) {
  const entries = error?.response?.body.errors as { errorCode: string; error_code: string; message: string }[];
  return { status: error?.status, code: entries[0]?.errorCode, same: entries[0]?.error_code, data };
}

/** Headers of the newest request, without those of the connection. */
function sentHeaders(operationId: string): Readonly<Record<string, string>> {
  const { host, ...headers } = broker.requests().findLast((seen) => seen.operationId === operationId)?.headers ?? {};
  return headers;
}

const common = {
  "accept-encoding": "gzip, deflate",
  "x-upstox-sdk-language": "nodejs",
  "x-upstox-sdk-version": "2.31.0",
  "user-agent": "udapi-nodejs-sdk",
  accept: "application/json",
  connection: "close",
};

describe("LoginApi.authorize", () => {
  it("follows the dialog's redirect to the login page, and its callback gets null", async () => {
    const { clientId, redirectUri } = broker.upstox.app;
    const options = { state: "a b", scope: "read" };
    const { error, data, response } = await callSdk<null>((done) =>
      loginApi.authorize(clientId, redirectUri, "2.0", options, done),
    );
    expect(error).toBeNull();
    expect(data).toBeNull();
    expect(response.redirects).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/login\/upstox\/[\w-]+$/)]);
    const [dialog, loginPage] = broker.requests();
    expect(dialog).toMatchObject({
      operationId: "authorize",
      status: 302,
      query: { client_id: clientId, redirect_uri: redirectUri, state: "a b", scope: "read" },
    });
    expect(dialog?.query).not.toHaveProperty("response_type");
    expect(sentHeaders("authorize")).toEqual({ ...common, "api-version": "2.0", "content-type": "application/json" });
    expect(loginPage).toMatchObject({ method: "GET", status: 200 });
  });

  it("builds a dialog address, without response_type, that leads a customer to a code", async () => {
    const { clientId, redirectUri } = broker.upstox.app;
    const customer = broker.upstox.customers[1];
    const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, state: "s 1" });
    const result = await logInAsCustomer(`${broker.url}/v2/login/authorization/dialog?${query}`, {
      fields: { mobile_number: customer?.mobileNumber ?? "", pin: customer?.pin ?? "" },
      ask: { otp: async () => (await broker.inbox())[0]?.otp ?? "" },
    });
    expect(result).toMatchObject({ state: "s 1", error: undefined });
    const { error, data } = await exchange(result.code);
    expect(error).toBeNull();
    expect(data.userId).toBe(customer?.userId);
  });

  it("says UDAPI100068 for a redirect URI that is not the app's, and does not redirect", async () => {
    const { clientId } = broker.upstox.app;
    const outcome = await callSdk<null>((done) =>
      loginApi.authorize(clientId, `${app.origin}/elsewhere`, "2.0", null, done),
    );
    expect(failureOf(outcome)).toEqual({ status: 400, code: "UDAPI100068", same: "UDAPI100068", data: null });
    expect(outcome.error?.response?.redirects).toEqual([]);
  });
});

describe("LoginApi.token", () => {
  it("hands over the token and the customer's profile", async () => {
    const customer = broker.upstox.customers[0];
    const token = await logIn(customer);
    expect(token).toMatchObject({
      userId: customer?.userId,
      userName: customer?.userName,
      email: customer?.email,
      broker: "UPSTOX",
      isActive: true,
    });
    expect(token.exchanges).toContain("NSE");
    expect(token.orderTypes).toEqual(["MARKET", "LIMIT", "SL", "SL-M"]);
    expect(token.accessToken.length).toBeGreaterThan(40);
    expect(sentHeaders("token")).toEqual({
      ...common,
      "api-version": "2.0",
      "content-type": "application/x-www-form-urlencoded",
      "content-length": expect.any(String),
    });
  });

  it.each([
    ["a code nobody issued", { code: "mk404x" }, 400, "UDAPI100057"],
    ["a wrong secret", { clientSecret: "wrong" }, 401, "UDAPI100069"],
    ["an app nobody registered", { clientId: "placeholder" }, 401, "UDAPI100069"],
    ["a redirect URI that is not the app's", { redirectUri: "http://127.0.0.1:1/callback" }, 400, "UDAPI100070"],
  ] as const)("calls back with the vendor's error for %s", async (_what, changes, status, code) => {
    const login = await broker.login("upstox");
    expect(failureOf(await exchange(login.code, changes))).toEqual({ status, code, same: code, data: null });
  });

  it("says UDAPI100057 for a code that was used, and the token it gave is dead", async () => {
    const { code } = await broker.login("upstox");
    const first = await exchange(code);
    expect(failureOf(await exchange(code))).toMatchObject({ status: 400, code: "UDAPI100057" });
    OAUTH2.accessToken = first.data.accessToken;
    const profile = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(failureOf(profile)).toMatchObject({ status: 401, code: "UDAPI100050" });
  });

  it("names every field that is missing when it is called with none", async () => {
    const outcome = await callSdk<SdkToken>((done) => loginApi.token("2.0", {}, done));
    const entries = outcome.error?.response?.body.errors as { errorCode: string }[];
    expect(outcome.error?.status).toBe(400);
    expect(entries.map((entry) => entry.errorCode).sort()).toEqual([
      "UDAPI1017",
      "UDAPI1018",
      "UDAPI1022",
      "UDAPI1023",
      "UDAPI1024",
    ]);
  });
});

describe("UserApi", () => {
  it("reads the profile", async () => {
    const token = await logIn();
    const { error, data } = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(error).toBeNull();
    expect(data).toMatchObject({ status: "success", data: { userId: token.userId, email: token.email } });
    // A GET without a body that claims to be JSON (protocol/upstox.md 9.4).
    expect(sentHeaders("getProfile")).toEqual({
      ...common,
      authorization: "Bearer [redacted]",
      "api-version": "2.0",
      "content-type": "application/json",
    });
  });

  it.each([
    [null, ["equity", "commodity"]],
    [{ segment: "SEC" }, ["equity"]],
    [{ segment: "COM" }, ["commodity"]],
  ])("reads the funds with opts %j", async (opts, segments) => {
    await logIn();
    const { error, data } = await callSdk<SdkEnvelope<SdkFundsBySegment>>((done) =>
      userApi.getUserFundMargin("2.0", opts, done),
    );
    expect(error).toBeNull();
    expect(Object.keys(data.data)).toEqual(segments);
    for (const funds of Object.values(data.data)) expect(funds.availableMargin).toEqual(expect.any(Number));
  });

  it("says UDAPI1019 for a segment there is not", async () => {
    await logIn();
    const outcome = await callSdk<SdkEnvelope<SdkFundsBySegment>>((done) =>
      userApi.getUserFundMargin("2.0", { segment: "equity" }, done),
    );
    expect(failureOf(outcome)).toMatchObject({ status: 400, code: "UDAPI1019" });
  });

  it("reads the funds of v3, which add up", async () => {
    await logIn();
    const { error, data } = await callSdk<SdkEnvelope<SdkFundsV3>>((done) => userApi.getUserFundMarginV3(done));
    expect(error).toBeNull();
    const { total, cashAvailableToTrade } = data.data.availableToTrade;
    expect(total).toBeGreaterThanOrEqual(cashAvailableToTrade.total);
    expect(cashAvailableToTrade.cash.openingBalance).toEqual(expect.any(Number));
    expect(sentHeaders("getUserFundMarginV3")).not.toHaveProperty("api-version");
  });

  it("says 423 and UDAPI100072 at night", async () => {
    await logIn();
    broker.clock.freeze(Date.parse("2026-11-26T00:00:00+05:30"));
    const outcome = await callSdk<SdkEnvelope<SdkFundsV3>>((done) => userApi.getUserFundMarginV3(done));
    expect(failureOf(outcome)).toMatchObject({ status: 423, code: "UDAPI100072" });
  });

  it("says UDAPI100050 without a token, and with a dead one", async () => {
    const without = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(failureOf(without)).toEqual({ status: 401, code: "UDAPI100050", same: "UDAPI100050", data: null });
    expect(sentHeaders("getProfile")).not.toHaveProperty("authorization");
    await logIn();
    broker.clock.freeze(Date.parse("2026-11-26T03:30:00+05:30"));
    const dead = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(failureOf(dead)).toMatchObject({ status: 401, code: "UDAPI100050" });
  });
});

describe("static IPs", () => {
  it("are empty at first", async () => {
    await logIn();
    const { error, data } = await callSdk<SdkEnvelope<SdkIps>>((done) => userApi.getUserIps(done));
    expect(error).toBeNull();
    expect(data).toMatchObject({ status: "success", data: { primaryIp: null, secondaryIp: null } });
    expect(sentHeaders("getUserIps")).toMatchObject({ "content-type": "application/json", connection: "close" });
  });

  it("are set by the SDK's own model, which sends camelCase, and every token of the account dies", async () => {
    await logIn();
    const body = Object.assign(new upstoxSdk.UpdateUserIpRequest(), { primaryIp: "203.0.113.7" });
    const { error, data } = await callSdk<SdkEnvelope<SdkIps>>((done) => userApi.updateUserIp(body, done));
    expect(error).toBeNull();
    expect(data.data).toMatchObject({ primaryIp: "203.0.113.7", accessTokensInvalidated: true });
    expect(broker.requests().at(-1)?.body).toEqual({ primaryIp: "203.0.113.7" });
    const profile = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(failureOf(profile)).toMatchObject({ status: 401, code: "UDAPI100050" });
  });

  it("are set by a plain object in the documented spelling, once a week", async () => {
    await logIn();
    const body = { primary_ip: "203.0.113.8", secondary_ip: "2001:db8::8" };
    const { error, data } = await callSdk<SdkEnvelope<SdkIps>>((done) => userApi.updateUserIp(body, done));
    expect(error).toBeNull();
    expect(data.data).toMatchObject({ primaryIp: "203.0.113.8", secondaryIp: "2001:db8::8" });
    await logIn();
    const again = await callSdk<SdkEnvelope<SdkIps>>((done) =>
      userApi.updateUserIp({ primary_ip: "203.0.113.9" }, done),
    );
    expect(failureOf(again)).toMatchObject({ code: "UDAPI1185" });
    const { data: read } = await callSdk<SdkEnvelope<SdkIps>>((done) => userApi.getUserIps(done));
    expect(read.data).toMatchObject({ primaryIp: "203.0.113.8", secondaryIp: "2001:db8::8" });
  });
});

describe("LoginApi.logout", () => {
  it("ends the token; a DELETE that claims a JSON body and has none", async () => {
    await logIn();
    const { error, data } = await callSdk<SdkEnvelope<boolean>>((done) => loginApi.logout("2.0", done));
    expect(error).toBeNull();
    expect(data).toMatchObject({ status: "success", data: true });
    expect(broker.requests().at(-1)?.body).toBeNull();
    expect(sentHeaders("logout")).toEqual({
      ...common,
      authorization: "Bearer [redacted]",
      "api-version": "2.0",
      "content-type": "application/json",
    });
    const profile = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(failureOf(profile)).toMatchObject({ status: 401, code: "UDAPI100050" });
    const second = await callSdk<SdkEnvelope<boolean>>((done) => loginApi.logout("2.0", done));
    expect(failureOf(second)).toMatchObject({ status: 401, code: "UDAPI100050" });
  });
});

describe("LoginApi.initTokenRequestForIndieUser", () => {
  const ask = (body: object) =>
    callSdk<{ status: string; data: { authorizationExpiry: string; notifierUrl: string } }>((done) =>
      loginApi.initTokenRequestForIndieUser(body, broker.upstox.app.clientId, done),
    );

  it("leads over the link in the inbox and the owner's PIN to a token at the notifier URL", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const owner = broker.upstox.customers[0];
    const body = Object.assign(new upstoxSdk.IndieUserTokenRequest(), { clientSecret });
    const { error, data } = await ask(body);
    expect(error).toBeNull();
    const nextHalfPastThree = String(Date.parse("2026-11-26T03:30:00+05:30"));
    expect(data.data).toMatchObject({ authorizationExpiry: nextHalfPastThree, notifierUrl: app.notifierUrl });

    const push = (await broker.inbox())[0];
    expect(push).toMatchObject({ to: owner?.mobileNumber, kind: "push" });
    await approve(push?.link ?? "", owner?.pin ?? "");
    await broker.settled();
    const webhook = app.webhooks.at(-1);
    expect(webhook).toMatchObject({
      path: "/notifier",
      headers: { "content-type": "application/json" },
      body: {
        client_id: clientId,
        user_id: owner?.userId,
        token_type: "Bearer",
        issued_at: String(MORNING),
        expires_at: nextHalfPastThree,
        message_type: "access_token",
      },
    });

    OAUTH2.accessToken = webhook?.body.access_token;
    const profile = await callSdk<SdkEnvelope<SdkToken>>((done) => userApi.getProfile("2.0", done));
    expect(profile.data.data.userId).toBe(owner?.userId);
  });

  it("says UDAPI1024 for a body whose secret is spelt as on the wire: the SDK drops it", async () => {
    const outcome = await ask({ client_secret: broker.upstox.app.clientSecret });
    expect(failureOf(outcome)).toMatchObject({ status: 400, code: "UDAPI1024" });
    expect(broker.requests().at(-1)?.body).toEqual({});
  });

  it("says UDAPI100069 for a wrong secret, and nobody is disturbed", async () => {
    expect(failureOf(await ask({ clientSecret: "wrong" }))).toMatchObject({ status: 401, code: "UDAPI100069" });
    expect(await broker.inbox()).toEqual([]);
  });
});

/** Opens the link of the push message and approves with the PIN. */
async function approve(link: string, pin: string): Promise<void> {
  const page = await (await fetch(link, { headers: { accept: "text/html" } })).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const response = await fetch(link, {
    method: "POST",
    headers: { origin: broker.url, accept: "text/html" },
    body: new URLSearchParams({ csrf, pin, decision: "approve" }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("Access allowed");
}
