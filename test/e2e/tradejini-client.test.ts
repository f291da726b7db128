/** `TradejiniClient` against this broker: the two halves that agree only through the contract. */
import {
  logInAsCustomer,
  startBroker,
  type TestBroker,
  type TradejiniDemoCustomer,
  tradejiniAnswers,
  tradejiniAuthorizationUrl,
  tradejiniMobile,
} from "@kunji/broker/testing";
import {
  createState,
  NetworkException,
  RateLimitedException,
  readCallback,
  ServiceException,
  TradejiniClient,
  UnauthorizedException,
} from "@kunji/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { equityOrder, futuresOrder, optionsOrder } from "../../packages/client/test/samples/tradejini.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

let broker: TestBroker;
/** The individual app's owner. */
let owner: TradejiniDemoCustomer;
let customer: TradejiniDemoCustomer;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
afterAll(() => broker.close());
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
  [owner, customer] = broker.tradejini.customers as [TradejiniDemoCustomer, TradejiniDemoCustomer];
});

/** A client of its own for each login: it holds the account's token. */
function newClient(bearer?: string, host = broker.url): TradejiniClient.ApiClient {
  const configuration = new TradejiniClient.Configuration({ host, accessToken: bearer });
  return new TradejiniClient.ApiClient({ configuration, now: () => broker.clock.now() });
}

const authorizationApi = () => new TradejiniClient.AuthorizationApi(newClient());
const accountApi = (bearer: string) => new TradejiniClient.AccountApi(newClient(bearer));

/** Login as the documentation shows it: state checked, code exchanged once. */
async function logIn(who = customer, orders?: TradejiniClient.OrderBasket): Promise<TradejiniClient.Session> {
  const state = createState();
  const { callbackUrl } = await broker.login("tradejini", { customer: who, state, ...(orders ? { orders } : {}) });
  const { code } = readCallback(callbackUrl, { state, issuer: `${broker.url}/tradejini` });
  return await authorizationApi().exchangeCode({ code, ...appCredentials() });
}

function appCredentials() {
  const { clientId, clientSecret, redirectUri } = broker.tradejini.userApp;
  return { clientId, clientSecret, redirectUri };
}

function directLogin(): { apiKey: string; password: string; totp: string } {
  const apiKey = broker.tradejini.individualApp.clientId;
  return { apiKey, password: owner.password, totp: broker.totpCode(owner.totpSecret) };
}

/** The owner asks for an SMS on the second login page, and closes the tab. */
async function askForSms(): Promise<string> {
  let otp = "";
  const read = async () => {
    const mobile = tradejiniMobile(broker.tradejini, owner);
    otp = (await broker.inbox()).find((entry) => entry.to === mobile)?.otp ?? "";
    throw new Error("the tab is closed");
  };
  const url = tradejiniAuthorizationUrl(broker.url, broker.tradejini.userApp, {});
  await expect(logInAsCustomer(url, tradejiniAnswers(owner, { type: "otp", read }))).rejects.toThrow("tab is closed");
  return otp;
}

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a user based app", () => {
  it("goes from the authorization URL to details, limits and logout", async () => {
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const url = TradejiniClient.authorizationUrl({ clientId, redirectUri, state: "a b", host: broker.url });
    expect(new URL(url).pathname).toBe("/v2/api-gw/oauth/authorize");
    const dialog = await fetch(url, { redirect: "manual", headers: { accept: "text/html" } });
    expect(dialog.status).toBe(302);

    const session = await logIn();
    expect(session).toMatchObject({ apiKey: clientId, scope: "general", expiresAt: MORNING / 1000 + 86_400 });
    expect(session.bearer).toBe(`${clientId}:${session.accessToken}`);
    const account = accountApi(session.bearer);
    const { s, d: details } = await account.getUserDetails();
    expect(s).toBe("ok");
    expect(details).toMatchObject({ userId: customer.clientCode, userName: "Demo Customer 2" });
    expect(details.mobile).toMatch(/^\d\dXXXXXX\d\d$/);
    expect(details.bankDetails?.[0]).toBeInstanceOf(TradejiniClient.BankDtls);
    const { d: limits } = await new TradejiniClient.FundsApi(newClient(session.bearer)).retrieveFundsLimits();
    expect(limits.map(({ segment }) => segment)).toEqual(["NSE", "NFO"]);
    for (const { totalCredits = 0, marginUsed = 0, availMargin } of limits) {
      expect(availMargin).toBeCloseTo(totalCredits - marginUsed, 2);
    }

    expect((await account.getLogoutWebResponse()).d.msg).toBe("Logged out successfully");
    await expect(account.getUserDetails()).rejects.toBeInstanceOf(UnauthorizedException);
  });

  it("works with the positional methods of the generated SDK, and with callbacks", async () => {
    const { code = "" } = await broker.login("tradejini", { customer });
    const { clientId, clientSecret, redirectUri } = broker.tradejini.userApp;
    const token = await authorizationApi().getAccessToken(
      code,
      clientId,
      redirectUri,
      clientSecret,
      TradejiniClient.GetAccessTokenGrantTypeEnum.AuthorizationCode,
    );
    expect(token).toMatchObject({ scope: "general", expires_in: 86_400 });
    const client = newClient(TradejiniClient.bearerPair(clientId, token.accessToken ?? ""));
    const details = await new Promise<TradejiniClient.GetUserDetails200Response>((resolve, reject) => {
      new TradejiniClient.AccountApi(client).getUserDetails((error, data) =>
        error || !data ? reject(error) : resolve(data),
      );
    });
    expect(details.d.userId).toBe(customer.clientCode);
  });

  it("gives the redirects of authorize() and orderAuthorize() back instead of following them", async () => {
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const api = authorizationApi();
    for (const response of [
      await api.authorize(clientId, redirectUri, "code", "general", "s"),
      await api.orderAuthorize(clientId, redirectUri, "code", "general", "s", [equityOrder]),
    ]) {
      expect(response.status).toBe(302);
      expect(response.get("location")).toMatch(/^\/login\/tradejini\//);
    }
  });
});

describe("an individual app", () => {
  it("logs its owner in with the authenticator, without a browser", async () => {
    const session = await authorizationApi().loginDirect(directLogin());
    expect(session).toMatchObject({ apiKey: broker.tradejini.individualApp.clientId, scope: "general" });
    expect(session.expiresAt).toBe(MORNING / 1000 + 86_400);
    expect((await accountApi(session.bearer).getUserDetails()).d.userId).toBe(owner.clientCode);
  });

  it("logs its owner in with a code that was asked for on the login page", async () => {
    const { apiKey, password } = directLogin();
    const session = await authorizationApi().loginDirect({ apiKey, password, otp: await askForSms() });
    expect((await accountApi(session.bearer).getUserDetails()).d.userId).toBe(owner.clientCode);
  });

  it("works with the positional method of the generated SDK", async () => {
    const { apiKey, password, totp } = directLogin();
    const token = await authorizationApi().updatedIndividualToken(`Bearer ${apiKey}`, password, totp, "totp");
    const bearer = TradejiniClient.bearerPair(apiKey, token.access_token ?? "");
    expect((await accountApi(bearer).getUserDetails()).d.userId).toBe(owner.clientCode);
  });
});

describe("orders", () => {
  const ordersOf = async ({ bearer }: TradejiniClient.Session) =>
    await new TradejiniClient.OrdersApi(newClient(bearer)).getOrders();

  it("are an empty list before there are any", async () => {
    expect(await ordersOf(await logIn())).toMatchObject({ s: "no-data", d: [] });
  });

  it("of all three published shapes go along with a login, and are then listed", async () => {
    const basket = [equityOrder, futuresOrder, optionsOrder];
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const where = { clientId, redirectUri, state: "s", host: broker.url };
    const dialog = await fetch(TradejiniClient.orderAuthorizationUrl({ ...where, orders: basket }), {
      redirect: "manual",
    });
    expect(dialog.status).toBe(302);

    const session = await logIn(customer, basket);
    const { s, d: orders } = await ordersOf(session);
    expect(s).toBe("ok");
    expect(orders).toHaveLength(3);
    for (const order of basket) {
      const { qty } = order;
      expect(orders).toContainEqual(expect.objectContaining({ ...order, status: "open", fillQty: 0, pendingQty: qty }));
    }
    expect(orders.every(({ orderTime }) => orderTime === "25-11-2026 09:05:00")).toBe(true);
    // They are the customer's: another app of another person sees none.
    expect((await ordersOf(await authorizationApi().loginDirect(directLogin()))).d).toEqual([]);
  });

  it("that would be refused never leave", async () => {
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const broken = JSON.stringify([{ ...equityOrder, qty: 0, side: "BUY" }]);
    const before = broker.requests().length;
    const failure = await failureOf(
      authorizationApi().orderAuthorize(clientId, redirectUri, "code", "general", "s", broken),
    );
    expect(failure).toBeInstanceOf(TypeError);
    expect((failure as TypeError).message).toMatch(/qty[\s\S]*side|side[\s\S]*qty/);
    expect(broker.requests()).toHaveLength(before);
  });
});

describe("logout", () => {
  it("ends every session of the user, whichever app has it, and nobody else's", async () => {
    const inBrowser = await logIn(owner);
    const direct = await authorizationApi().loginDirect(directLogin());
    const neighbour = await logIn(customer);
    await accountApi(direct.bearer).getLogoutWebResponse();
    for (const { bearer } of [inBrowser, direct]) {
      await expect(accountApi(bearer).getUserDetails()).rejects.toBeInstanceOf(UnauthorizedException);
    }
    expect((await accountApi(neighbour.bearer).getUserDetails()).d.userId).toBe(customer.clientCode);
  });
});

describe("what can go wrong", () => {
  it.each([
    ["another secret", { clientSecret: "0".repeat(32) }],
    ["another app", { clientId: "0".repeat(32) }],
    ["another redirect URL", { redirectUri: "http://127.0.0.1:1/callback" }],
    ["a code nobody issued", { code: "invented" }],
  ])("with an exchange is one 401: %s", async (_name, changes) => {
    const { code = "" } = await broker.login("tradejini", { customer });
    const failure = await failureOf(authorizationApi().exchangeCode({ code, ...appCredentials(), ...changes }));
    expect(failure).toBeInstanceOf(UnauthorizedException);
    expect(failure).toMatchObject({ status: 401, code: "UNAUTHORIZED", body: { s: "error", msg: "Unauthorized" } });
  });

  it("is a second exchange of the same code", async () => {
    const { code = "" } = await broker.login("tradejini", { customer });
    await authorizationApi().exchangeCode({ code, ...appCredentials() });
    const again = authorizationApi().exchangeCode({ code, ...appCredentials() });
    await expect(again).rejects.toBeInstanceOf(UnauthorizedException);
  });

  it("with a direct login is one 401 with one body, whatever is wrong (S-43)", async () => {
    const right = directLogin();
    const another = broker.totpCode(customer.totpSecret);
    const bodies = new Set<string>();
    for (const wrong of [
      { apiKey: "0".repeat(32) },
      // An app for everybody logs nobody in directly (S-25).
      { apiKey: broker.tradejini.userApp.clientId },
      { totp: right.totp === another ? "000000" : another },
      { password: `${right.password}x` },
    ]) {
      const failure = await failureOf(authorizationApi().loginDirect({ ...right, ...wrong }));
      expect(failure, JSON.stringify(wrong)).toBeInstanceOf(UnauthorizedException);
      bodies.add(JSON.stringify((failure as UnauthorizedException).body));
      // Wrong ones slow the next one down, and a code works once.
      broker.clock.advance(60);
      right.totp = broker.totpCode(owner.totpSecret);
    }
    expect([...bodies]).toEqual(['{"s":"error","msg":"Unauthorized"}']);
    await expect(authorizationApi().loginDirect(right)).resolves.toBeInstanceOf(TradejiniClient.Session);
  });

  it("is an authenticator's code that was used on the pages, within its 30 seconds (S-45)", async () => {
    await broker.login("tradejini", { customer: owner, twoFaType: "totp" });
    await expect(authorizationApi().loginDirect(directLogin())).rejects.toBeInstanceOf(UnauthorizedException);
    broker.clock.advance(30);
    await expect(authorizationApi().loginDirect(directLogin())).resolves.toBeInstanceOf(TradejiniClient.Session);
  });

  it("is a token beside another app's key, and one after 24 hours", async () => {
    const { accessToken, bearer } = await logIn();
    const mixed = TradejiniClient.bearerPair(broker.tradejini.individualApp.clientId, accessToken);
    await expect(accountApi(mixed).getUserDetails()).rejects.toBeInstanceOf(UnauthorizedException);
    broker.clock.advance(86_399);
    expect((await accountApi(bearer).getUserDetails()).s).toBe("ok");
    broker.clock.advance(1);
    await expect(accountApi(bearer).getUserDetails()).rejects.toBeInstanceOf(UnauthorizedException);
  });

  it("is told apart: too many calls, a broker in trouble, no broker", async () => {
    const { bearer } = await logIn();
    broker.faults.inject({ route: "getUserDetails", status: 503, body: "<html>busy</html>", times: 1 });
    expect(await failureOf(accountApi(bearer).getUserDetails())).toBeInstanceOf(ServiceException);

    await using slow = await startBroker({ customers: 1, settings: { KUNJI_TRADEJINI_OTP_PER_SECOND: 1 } });
    slow.clock.freeze(MORNING);
    const api = new TradejiniClient.AuthorizationApi(newClient(undefined, slow.url));
    const outcomes = await Promise.all(
      [1, 2].map(() => failureOf(api.loginDirect({ ...directLogin(), totp: "000000" }))),
    );
    expect(outcomes.map((failure) => (failure as UnauthorizedException).status).sort()).toEqual([401, 429]);
    expect(outcomes.some((failure) => failure instanceof RateLimitedException)).toBe(true);

    await slow.close();
    expect(await failureOf(api.loginDirect(directLogin()))).toBeInstanceOf(NetworkException);
  });

  it("happens once: neither login is repeated by itself (S-15)", async () => {
    const { code = "" } = await broker.login("tradejini", { customer });
    const routes = ["getAccessToken", "updatedIndividualToken"];
    for (const route of routes) broker.faults.inject({ route, status: 500, body: "oops" });
    await failureOf(authorizationApi().exchangeCode({ code, ...appCredentials() }));
    await failureOf(authorizationApi().loginDirect(directLogin()));
    const sent = broker.requests().filter(({ operationId }) => routes.includes(operationId ?? ""));
    expect(sent.map(({ operationId }) => operationId)).toEqual(routes);
  });
});
