/** `@kunji/client` against this broker: the two halves that agree only through the contract. */
import { type InboxEntry, startBroker, type TestBroker } from "@kunji/broker/testing";
import {
  CallbackException,
  ClosedForTheNightException,
  createPkcePair,
  createState,
  NetworkException,
  NotJsonException,
  RateLimitedException,
  readCallback,
  UnauthorizedException,
  UpstoxClient,
} from "@kunji/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AppServer, startAppServer } from "./_app-server.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

let app: AppServer;
let broker: TestBroker;
beforeAll(async () => {
  app = await startAppServer();
  broker = await startBroker({ customers: 2, redirectUri: app.redirectUri, notifierUrl: app.notifierUrl });
});
afterAll(async () => {
  await broker.close();
  await app.close();
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});

/** A client of its own for each login: it holds the account's token. */
function newClient(): UpstoxClient.ApiClient {
  return new UpstoxClient.ApiClient(new UpstoxClient.Configuration({ host: broker.url }));
}

function tokenOptions(code: string, codeVerifier?: string): UpstoxClient.TokenOptions {
  const { clientId, clientSecret, redirectUri } = broker.upstox.app;
  return { code, clientId, clientSecret, redirectUri, grantType: "authorization_code", codeVerifier };
}

/** Login as the documentation shows it: state and PKCE, callback checked, code exchanged once. */
async function logIn(): Promise<{ client: UpstoxClient.ApiClient; token: UpstoxClient.TokenResponse }> {
  const state = createState();
  const pkce = await createPkcePair();
  const { callbackUrl } = await broker.login("upstox", { state, codeChallenge: pkce.codeChallenge });
  const { code } = readCallback(callbackUrl, { state, issuer: broker.url });
  const client = newClient();
  const options = tokenOptions(code, pkce.codeVerifier);
  const token = await new UpstoxClient.LoginApi(client).token("2.0", options);
  client.configuration.accessToken = token.accessToken;
  return { client, token };
}

describe("a login with @kunji/client", () => {
  it("goes from the authorization URL to profile, funds and logout", async () => {
    const { clientId, redirectUri } = broker.upstox.app;
    const url = UpstoxClient.authorizationUrl({ clientId, redirectUri, state: "a b", host: broker.url });
    const dialog = await fetch(url, { redirect: "manual", headers: { accept: "text/html" } });
    expect(dialog.status).toBe(302);

    const { client, token } = await logIn();
    const customer = broker.upstox.customers[0];
    expect(token).toMatchObject({ userId: customer?.userId, userName: customer?.userName, tokenType: "Bearer" });
    const user = new UpstoxClient.UserApi(client);
    const profile = await user.getProfile("2.0");
    expect(profile).toMatchObject({ status: "success", data: { userId: customer?.userId, email: customer?.email } });
    const funds = await user.getUserFundMargin("2.0");
    expect(Object.keys(funds.data)).toEqual(["equity", "commodity"]);
    const equity = await user.getUserFundMargin("2.0", { segment: "SEC" });
    expect(equity.data).toEqual({ equity: funds.data.equity });
    const v3 = await user.getUserFundMarginV3();
    const { total, cashAvailableToTrade, pledgeAvailableToTrade } = v3.data.availableToTrade;
    expect(total).toBeCloseTo((cashAvailableToTrade?.total ?? 0) + (pledgeAvailableToTrade?.total ?? 0), 2);
    expect(total).toBeCloseTo(funds.data.equity?.availableMargin ?? Number.NaN, 2);

    const logout = await new UpstoxClient.LoginApi(client).logout("2.0");
    expect(logout).toMatchObject({ status: "success", data: true });
    await expect(user.getProfile("2.0")).rejects.toBeInstanceOf(UnauthorizedException);
  });

  it("works with callbacks as well as with promises", async () => {
    const { client } = await logIn();
    const profile = await new Promise<UpstoxClient.GetProfileResponse>((resolve, reject) => {
      new UpstoxClient.UserApi(client).getProfile("2.0", (error, data) =>
        error || !data ? reject(error) : resolve(data),
      );
    });
    expect(profile.data.userId).toBe(broker.upstox.customers[0]?.userId);
    client.configuration.accessToken = "dead";
    const refused = await new Promise<unknown>((resolve) => {
      new UpstoxClient.UserApi(client).getUserFundMargin("2.0", null, (error) => resolve(error));
    });
    expect(refused).toBeInstanceOf(UnauthorizedException);
    expect(refused).toMatchObject({ status: 401, code: "UDAPI100050" });
  });

  it("gives authorize()'s redirect back instead of following it", async () => {
    const { clientId, redirectUri } = broker.upstox.app;
    const response = await new UpstoxClient.LoginApi(newClient()).authorize(clientId, redirectUri, "2.0");
    expect(response.status).toBe(302);
    expect(response.get("location")).toMatch(/^\/login\/upstox\//);
  });

  it("changes the static IPs in either spelling, which ends the account's tokens", async () => {
    const { client } = await logIn();
    const user = new UpstoxClient.UserApi(client);
    expect((await user.getUserIps()).data.primaryIp).toBeNull();
    const changed = await user.updateUserIp({ primaryIp: "203.0.113.7", secondaryIp: "2001:db8::7" });
    expect(changed.data).toMatchObject({ primaryIp: "203.0.113.7", accessTokensInvalidated: true });
    expect(broker.requests().at(-1)?.body).toEqual({ primary_ip: "203.0.113.7", secondary_ip: "2001:db8::7" });
    await expect(user.getUserIps()).rejects.toMatchObject({ code: "UDAPI100050" });
  });

  it("asks for a token that the owner approves, and reads the webhook's message", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const login = new UpstoxClient.LoginApi(newClient());
    const asked = await login.initTokenRequestForIndieUser({ clientSecret }, clientId);
    expect(asked.data.notifierUrl).toBe(app.notifierUrl);
    const push = (await broker.inbox()).find((entry: InboxEntry) => entry.kind === "push");
    const page = await (await fetch(push?.link ?? "", { headers: { accept: "text/html" } })).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const pin = broker.upstox.customers[0]?.pin ?? "";
    const body = new URLSearchParams({ csrf, pin, decision: "approve" });
    await fetch(push?.link ?? "", { method: "POST", headers: { origin: broker.url }, body });
    await broker.settled();
    const message = UpstoxClient.NotifierMessage.constructFromObject(app.webhooks.at(-1)?.body ?? {});
    expect(message).toMatchObject({ clientId, messageType: "access_token" });
    const client = newClient();
    client.configuration.accessToken = message.accessToken;
    const profile = await new UpstoxClient.UserApi(client).getProfile("2.0");
    expect(profile.data.userId).toBe(message.userId);
  });
});

describe("what can go wrong", () => {
  it("tells a closed night from a dead token, and when it opens", async () => {
    const { client } = await logIn();
    broker.clock.freeze(Date.parse("2026-11-26T01:00:00+05:30"));
    const failure = await new UpstoxClient.UserApi(client).getUserFundMarginV3().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClosedForTheNightException);
    expect(failure).toMatchObject({ status: 423, code: "UDAPI100072" });
    broker.clock.freeze(Date.parse("2026-11-26T03:30:00+05:30"));
    const dead = await new UpstoxClient.UserApi(client).getProfile("2.0").catch((error: unknown) => error);
    expect(dead).toBeInstanceOf(UnauthorizedException);
    expect(dead).toMatchObject({ code: "UDAPI100050" });
  });

  it("says when calls come too fast", async () => {
    await using slow = await startBroker({ customers: 1, settings: { KUNJI_RATE_PER_SECOND: 2 } });
    slow.clock.freeze(MORNING);
    const login = await slow.login("upstox");
    const { clientId, clientSecret, redirectUri } = slow.upstox.app;
    const client = new UpstoxClient.ApiClient(new UpstoxClient.Configuration({ host: slow.url }));
    const options = { ...tokenOptions(login.code ?? ""), clientId, clientSecret, redirectUri };
    client.configuration.accessToken = (await new UpstoxClient.LoginApi(client).token("2.0", options)).accessToken;
    const user = new UpstoxClient.UserApi(client);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => user.getProfile("2.0")));
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBeInstanceOf(RateLimitedException);
    expect(failures[0]).toMatchObject({ status: 429, code: "UDAPI10005" });
  });

  it.each([
    ["UDAPI100057", { code: "mk404x" }],
    ["UDAPI100069", { clientSecret: "wrong" }],
    ["UDAPI100070", { redirectUri: "http://127.0.0.1:1/callback" }],
  ])("names the refusal of an exchange: %s", async (code, changes) => {
    const login = await broker.login("upstox");
    const options = { ...tokenOptions(login.code ?? ""), ...changes };
    await expect(new UpstoxClient.LoginApi(newClient()).token("2.0", options)).rejects.toMatchObject({ code });
  });

  it("sends an exchange once, whatever becomes of it (S-15)", async () => {
    const { code = "" } = await broker.login("upstox");
    broker.faults.inject({ route: "token", drop: true });
    const outcome = await new UpstoxClient.LoginApi(newClient())
      .token("2.0", tokenOptions(code))
      .catch((e: unknown) => e);
    expect(outcome).toBeInstanceOf(NetworkException);
    broker.faults.clear();
    broker.faults.inject({ route: "token", status: 403, body: "error code: 1010", times: 1 });
    const page = await new UpstoxClient.LoginApi(newClient()).token("2.0", tokenOptions(code)).catch((e: unknown) => e);
    expect(page).toBeInstanceOf(NotJsonException);
    expect(broker.requests().filter((seen) => seen.operationId === "token" && seen.status === 403)).toHaveLength(1);
  });

  it("refuses a callback of another login, another broker, and a cancelled one (S-09, S-17)", async () => {
    await using other = await startBroker({ customers: 1 });
    const state = createState();
    const { callbackUrl } = await other.login("upstox", { state });
    const failureOf = (read: () => unknown) => {
      try {
        return read();
      } catch (error) {
        return error;
      }
    };
    const mixedUp = failureOf(() => readCallback(callbackUrl, { state, issuer: broker.url }));
    expect(mixedUp).toBeInstanceOf(CallbackException);
    expect(mixedUp).toMatchObject({ code: "ISSUER_MISMATCH" });
    expect(failureOf(() => readCallback(callbackUrl, { state: createState(), issuer: other.url }))).toMatchObject({
      code: "STATE_MISMATCH",
    });
    expect(readCallback(callbackUrl, { state, issuer: other.url }).issuer).toBe(other.url);
  });
});
