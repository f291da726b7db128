import { TradejiniClient } from "@kunji/client";
import { describe, expect, it } from "vitest";
import { startBrokerAnswering, startFakeBroker } from "../_broker.ts";
import { apiKey, equityOrder, errorBody, tokenBody } from "../samples/tradejini.ts";

const { ApiClient, AuthorizationApi, Configuration } = TradejiniClient;
const redirectUri = "https://desk.example.in/tj/cb";
const exchange = { code: "c4f1b2a0", clientId: apiKey, clientSecret: "s3cret", redirectUri };

const apiAt = (host: string, now = 1_795_530_600_000): InstanceType<typeof AuthorizationApi> =>
  new AuthorizationApi(new ApiClient({ configuration: new Configuration({ host }), now: () => now }));

describe("exchangeCode", () => {
  it("gives a session that is ready to use", async () => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const session = await apiAt(broker.url).exchangeCode(exchange);
    expect(session).toBeInstanceOf(TradejiniClient.Session);
    expect({ ...session }).toEqual({
      apiKey,
      accessToken: tokenBody.access_token,
      bearer: `${apiKey}:${tokenBody.access_token}`,
      scope: "general",
      expiresAt: 1_795_530_600 + 86_400,
    });
    expect(broker.requests[0]?.body).toContain("grant_type=authorization_code");
  });

  it("counts a token's life from before it was asked for: a slow answer makes it no longer", async () => {
    let now = 1_000_000;
    const broker = await startFakeBroker((_request, response) => {
      now += 30_000;
      response.writeHead(200).end(JSON.stringify({ ...tokenBody, expires_in: 60 }));
    });
    const configuration = new Configuration({ host: broker.url });
    const api = new AuthorizationApi(new ApiClient({ configuration, now: () => now }));
    expect((await api.exchangeCode(exchange)).expiresAt).toBe(1060);
  });

  it.each(["bearer", "Bearer", "BEARER", undefined])("takes the token type %s", async (token_type) => {
    const broker = await startBrokerAnswering(200, { ...tokenBody, token_type });
    expect((await apiAt(broker.url).exchangeCode(exchange)).accessToken).toBe(tokenBody.access_token);
  });

  it.each([
    ["of another type", { ...tokenBody, token_type: "mac" }, /type/],
    ["that is missing", { scope: "general" }, /no access token/],
    ["that is empty", { ...tokenBody, access_token: "" }, /no access token/],
  ])("refuses a token %s, and keeps it out of the error", async (_name, body, says) => {
    const broker = await startBrokerAnswering(200, body);
    const error = await apiAt(broker.url)
      .exchangeCode(exchange)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TradejiniClient.ApiException);
    expect(String(error)).toMatch(says);
    expect(JSON.stringify(error)).not.toContain(tokenBody.access_token);
  });

  it("counts on a day when the answer does not say how long", async () => {
    const broker = await startBrokerAnswering(200, { access_token: "t" });
    expect((await apiAt(broker.url, 0).exchangeCode(exchange)).expiresAt).toBe(86_400);
  });

  it("is sent once, whatever happens to the answer (S-15)", async () => {
    const broker = await startFakeBroker((_request, response) => response.destroy());
    await expect(apiAt(broker.url).exchangeCode(exchange)).rejects.toBeInstanceOf(TradejiniClient.NetworkException);
    expect(broker.requests).toHaveLength(1);
  });

  it("follows no redirect and reads at most 64 KiB (S-72)", async () => {
    const moved = await startBrokerAnswering(302, {}, { Location: "https://elsewhere.example.in/" });
    await expect(apiAt(moved.url).exchangeCode(exchange)).rejects.toMatchObject({ status: 302 });
    expect(moved.requests).toHaveLength(1);
    const endless = await startBrokerAnswering(200, { ...tokenBody, more: "x".repeat(70_000) });
    await expect(apiAt(endless.url).exchangeCode(exchange)).rejects.toMatchObject({ code: "RESPONSE_TOO_LARGE" });
  });

  it("tells a callback as well", async () => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const [error, session, response] = await new Promise<unknown[]>((resolve) => {
      apiAt(broker.url).exchangeCode(exchange, (...told) => resolve(told));
    });
    expect(error).toBeNull();
    expect(session).toBeInstanceOf(TradejiniClient.Session);
    expect(response).toMatchObject({ status: 200 });
  });
});

describe("loginDirect", () => {
  it.each([
    [{ totp: "093182" }, "twoFa=093182&twoFaTyp=totp"],
    [{ otp: "482913" }, "twoFa=482913&twoFaTyp=otp"],
  ])("sends %j as the second factor", async (factor, sent) => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const session = await apiAt(broker.url).loginDirect({ apiKey, password: "4417", ...factor });
    expect(broker.requests[0]?.body).toBe(`password=4417&${sent}`);
    expect(session.bearer).toBe(`${apiKey}:${tokenBody.access_token}`);
  });

  it("asks for exactly one second factor before anything is sent", async () => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const both = { apiKey, password: "4417", totp: "093182", otp: "482913" } as unknown as TradejiniClient.DirectLogin;
    const none = { apiKey, password: "4417" } as unknown as TradejiniClient.DirectLogin;
    await expect(apiAt(broker.url).loginDirect(both)).rejects.toBeInstanceOf(TypeError);
    await expect(apiAt(broker.url).loginDirect(none)).rejects.toMatchObject({ name: "RequiredError", field: "totp" });
    expect(broker.requests).toHaveLength(0);
  });

  it("is one attempt: repeated failures can block the account", async () => {
    const broker = await startBrokerAnswering(401, errorBody("Unauthorized"));
    const login = apiAt(broker.url).loginDirect({ apiKey, password: "4417", totp: "093182" });
    await expect(login).rejects.toBeInstanceOf(TradejiniClient.UnauthorizedException);
    expect(broker.requests).toHaveLength(1);
  });
});

describe("the methods of the generated SDK", () => {
  it("give the token by either naming", async () => {
    const broker = await startBrokerAnswering(200, { ...tokenBody, refreshable: false });
    const token = await apiAt(broker.url).getAccessToken("c", apiKey, redirectUri, "s", "authorization_code");
    expect(token).toMatchObject({ accessToken: tokenBody.access_token, expiresIn: 86_400, scope: "general" });
    expect(token.access_token).toBe(tokenBody.access_token);
    expect(token.token_type).toBe("bearer");
    expect(token.expires_in).toBe(86_400);
    expect(token).toHaveProperty("refreshable", false);
  });

  it("authorize and orderAuthorize give the redirect and do not follow it", async () => {
    const location = "https://cubeplus.example.in/login?x=1";
    const broker = await startFakeBroker((_request, response) => response.writeHead(302, { Location: location }).end());
    const api = apiAt(broker.url);
    const dialog = await api.authorize(apiKey, redirectUri, "code", "general", "s");
    const connect = await api.orderAuthorize(apiKey, redirectUri, "code", "general", "s", [equityOrder]);
    for (const response of [dialog, connect]) {
      expect(response.status).toBe(302);
      expect(response.get("Location")).toBe(location);
    }
    expect(broker.requests).toHaveLength(2);
  });

  it.each([
    ["authorize", ["clientId", "redirectUri", "responseType", "scope", "state"]],
    ["getAccessToken", ["code", "clientId", "redirectUri", "clientSecret", "grantType"]],
    ["orderAuthorize", ["clientId", "redirectUri", "responseType", "scope", "state", "params"]],
    ["updatedIndividualToken", ["authorization", "password", "twoFa", "twoFaTyp"]],
  ])("%s names each argument that is missing, before anything is sent", async (operation, names) => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const api = apiAt(broker.url) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const [index, name] of names.entries()) {
      for (const nothing of [undefined, null]) {
        const args = names.map((each, position) => (position === index ? nothing : each));
        const error = await api[operation]?.(...args).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(TradejiniClient.RequiredError);
        expect(error).toMatchObject({
          name: "RequiredError",
          field: name,
          message: `Required parameter ${name} was null or undefined when calling ${operation}.`,
        });
      }
    }
    expect(broker.requests).toHaveLength(0);
  });

  it("orderAuthorize sends no basket that would be refused", async () => {
    const broker = await startBrokerAnswering(200, {});
    const wrong = JSON.stringify([{ ...equityOrder, side: "BUY" }]);
    const call = apiAt(broker.url).orderAuthorize(apiKey, redirectUri, "code", "general", "s", wrong);
    await expect(call).rejects.toThrow("order 0, side: must be one of buy, sell");
    expect(broker.requests).toHaveLength(0);
  });

  it("have the enumerations by their names", () => {
    expect([
      TradejiniClient.AuthorizeResponseTypeEnum.Code,
      TradejiniClient.AuthorizeScopeEnum.General,
      TradejiniClient.GetAccessTokenGrantTypeEnum.AuthorizationCode,
      TradejiniClient.OrderAuthorizeResponseTypeEnum.Code,
      TradejiniClient.OrderAuthorizeScopeEnum.General,
      TradejiniClient.UpdatedIndividualTokenTwoFaTypEnum.Otp,
      TradejiniClient.UpdatedIndividualTokenTwoFaTypEnum.Totp,
    ]).toEqual(["code", "general", "authorization_code", "code", "general", "otp", "totp"]);
  });
});
