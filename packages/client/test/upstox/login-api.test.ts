import { UpstoxClient } from "@kunji/client";
import { describe, expect, expectTypeOf, it } from "vitest";
import { json, startBrokerAnswering, startFakeBroker } from "../_broker.ts";
import { errorBody, initTokenBody, tokenBody } from "../samples/upstox.ts";

const clientId = "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa";
const redirectUri = "https://desk.example.in/upstox/callback?desk=1";
const exchange = {
  code: "mk404x",
  clientId,
  clientSecret: "k3v9q0xw2z",
  redirectUri,
  grantType: "authorization_code",
};

function loginApi(host: string): UpstoxClient.LoginApi {
  const configuration = new UpstoxClient.Configuration({ host });
  return new UpstoxClient.LoginApi(new UpstoxClient.ApiClient(configuration));
}

describe("LoginApi.token", () => {
  it("posts the form in the order of the official SDK and gives the model", async () => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const data = await loginApi(broker.url).token("2.0", exchange);

    expect(broker.requests).toHaveLength(1);
    const [request] = broker.requests;
    expect(request?.method).toBe("POST");
    expect(request?.url).toBe("/v2/login/authorization/token");
    expect(request?.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "api-version": "2.0",
      "content-length": String(request?.body.length),
    });
    expect(request?.headers["user-agent"]).toMatch(/^kunji-client\/\d/);
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.body).toBe(
      `code=mk404x&client_id=${clientId}&client_secret=k3v9q0xw2z&redirect_uri=https%3A%2F%2Fdesk.example.in%2Fupstox%2Fcallback%3Fdesk%3D1&grant_type=authorization_code`,
    );
    expect(data).toBeInstanceOf(UpstoxClient.TokenResponse);
    expect(data).toMatchObject({ userId: "7KAB12", accessToken: tokenBody.access_token, ddpi: true, expiresIn: 86400 });
    expectTypeOf(data).toEqualTypeOf<UpstoxClient.TokenResponse>();
  });

  it("sends refresh_extended_token and code_verifier when asked", async () => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const codeVerifier = "v".repeat(43);
    await loginApi(broker.url).token("2.0", { refreshExtendedToken: true, codeVerifier });
    await loginApi(broker.url).token("2.0", { refreshExtendedToken: false });
    expect(broker.requests.map((each) => each.body)).toEqual([
      `refresh_extended_token=true&code_verifier=${codeVerifier}`,
      "refresh_extended_token=false",
    ]);
  });

  it("posts an empty form without options, as the official SDK does", async () => {
    const broker = await startBrokerAnswering(400, errorBody("UDAPI1022", "Code is required"));
    await expect(loginApi(broker.url).token("2.0")).rejects.toMatchObject({ code: "UDAPI1022" });
    expect(broker.requests[0]?.body).toBe("");
  });

  it("tells the callback and the promise the same, with one request", async () => {
    const broker = await startBrokerAnswering(200, tokenBody);
    const told: unknown[][] = [];
    const promised = await new Promise((resolve) => {
      const promise = loginApi(broker.url).token("2.0", exchange, (...args) => {
        told.push(args);
        resolve(promise);
      });
    });
    expect(told).toHaveLength(1);
    const [error, data, response] = told[0] as [null, UpstoxClient.TokenResponse, UpstoxClient.ApiResponse];
    expect(error).toBeNull();
    expect(data).toBe(promised);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(tokenBody);
    expect(broker.requests).toHaveLength(1);
  });

  it("follows no redirect (S-72)", async () => {
    const broker = await startFakeBroker((request, response) => {
      if (request.url === "/elsewhere") json(response, 200, tokenBody);
      else response.writeHead(302, { Location: "/elsewhere" }).end();
    });
    const error = await loginApi(broker.url)
      .token("2.0", exchange)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstoxClient.ApiException);
    expect(error).toMatchObject({ status: 302, headers: expect.not.objectContaining({ location: "/elsewhere" }) });
    expect(broker.requests).toHaveLength(1);
  });

  it("reads at most 64 KiB (S-72)", async () => {
    const broker = await startBrokerAnswering(200, { ...tokenBody, padding: "x".repeat(64 * 1024) });
    await expect(loginApi(broker.url).token("2.0", exchange)).rejects.toMatchObject({ code: "RESPONSE_TOO_LARGE" });
  });

  it("sends an exchange once when the connection dies after it was sent (S-15)", async () => {
    const broker = await startFakeBroker((_request, response) => response.destroy());
    const error = await loginApi(broker.url)
      .token("2.0", exchange)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstoxClient.NetworkException);
    expect(error).toMatchObject({ code: "ECONNRESET", status: 0 });
    expect(broker.requests).toHaveLength(1);
  });
});

describe("LoginApi.authorize", () => {
  const dialog = { Location: "https://login.example.in/?client_id=internal" };

  it("sends response_type and gives the answer with its Location, not followed", async () => {
    const broker = await startFakeBroker((_request, response) => response.writeHead(302, dialog).end());
    const response = await loginApi(broker.url).authorize(clientId, redirectUri, "2.0", {
      state: "a b&c",
      scope: "read",
    });
    expect(response.status).toBe(302);
    expect(response.get("Location")).toBe(dialog.Location);
    expect(response.headers.location).toBe(dialog.Location);
    expect(broker.requests).toHaveLength(1);
    expect(broker.requests[0]?.url).toBe(
      `/v2/login/authorization/dialog?response_type=code&client_id=${clientId}&redirect_uri=https%3A%2F%2Fdesk.example.in%2Fupstox%2Fcallback%3Fdesk%3D1&state=a%20b%26c&scope=read`,
    );
    expect(broker.requests[0]?.headers["content-type"]).toBeUndefined();
  });

  it("sends a PKCE challenge with its method", async () => {
    const broker = await startFakeBroker((_request, response) => response.writeHead(302, dialog).end());
    await loginApi(broker.url).authorize(clientId, redirectUri, "2.0", { codeChallenge: "c".repeat(43) });
    expect(broker.requests[0]?.url).toContain(`&code_challenge=${"c".repeat(43)}&code_challenge_method=S256`);
  });

  it("fails with the broker's error", async () => {
    const text = "Check your 'client_id' and 'redirect_uri'; one or both are incorrect.";
    const broker = await startBrokerAnswering(400, errorBody("UDAPI100068", text));
    const error = await loginApi(broker.url)
      .authorize(clientId, redirectUri, "2.0")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UDAPI100068", status: 400 });
  });
});

describe("LoginApi.logout", () => {
  it("sends the token and no body", async () => {
    const broker = await startBrokerAnswering(200, { status: "success", data: true });
    const api = loginApi(broker.url);
    api.apiClient.authentications.OAUTH2.accessToken = "the-token";
    const data = await api.logout("2.0");
    expect(data).toBeInstanceOf(UpstoxClient.LogoutResponse);
    expect(data.data).toBe(true);
    const [request] = broker.requests;
    expect(request).toMatchObject({ method: "DELETE", url: "/v2/logout", body: "" });
    expect(request?.headers).toMatchObject({ authorization: "Bearer the-token", "api-version": "2.0" });
    expect(request?.headers["content-type"]).toBeUndefined();
  });

  it("sends no Authorization without a token", async () => {
    const broker = await startBrokerAnswering(401, errorBody("UDAPI100050", "Invalid token used to access API"));
    await expect(loginApi(broker.url).logout("2.0")).rejects.toBeInstanceOf(UpstoxClient.UnauthorizedException);
    expect(broker.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe("LoginApi.initTokenRequestForIndieUser", () => {
  const model = new UpstoxClient.IndieUserTokenRequest();
  model.clientSecret = "k3v9q0xw2z";

  it.each([
    ["the model", model],
    ["clientSecret", { clientSecret: "k3v9q0xw2z" }],
    ["client_secret", { client_secret: "k3v9q0xw2z" }],
  ])("sends client_secret from %s", async (_name, body) => {
    const broker = await startBrokerAnswering(200, initTokenBody);
    const data = await loginApi(broker.url).initTokenRequestForIndieUser(body, "key/1 2");
    const [request] = broker.requests;
    expect(request).toMatchObject({
      method: "POST",
      url: "/v3/login/auth/token/request/key%2F1%202",
      body: '{"client_secret":"k3v9q0xw2z"}',
    });
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(request?.headers["api-version"]).toBeUndefined();
    expect(data.data).toBeInstanceOf(UpstoxClient.IndieUserInitTokenData);
    expect(data.data.authorizationExpiry).toBe("1795644000000");
  });
});

describe("a missing argument", () => {
  // What JavaScript callers can do and TypeScript forbids.
  const api = loginApi("http://127.0.0.1:1") as unknown as Record<string, (...args: unknown[]) => unknown>;

  it.each([
    ["authorize", [], "clientId"],
    ["authorize", ["key"], "redirectUri"],
    ["authorize", ["key", "https://desk.example.in"], "apiVersion"],
    ["authorize", [null, null, null], "clientId"],
    ["token", [], "apiVersion"],
    ["token", [null, {}], "apiVersion"],
    ["logout", [], "apiVersion"],
    ["initTokenRequestForIndieUser", [], "body"],
    ["initTokenRequestForIndieUser", [null, null], "body"],
    ["initTokenRequestForIndieUser", [{ clientSecret: "s" }], "clientId"],
  ])("%s%j throws at once for %s", (operation, args, missing) => {
    expect(() => api[operation]?.(...args)).toThrow(
      new Error(`Missing the required parameter '${missing}' when calling ${operation}`),
    );
  });
});

describe("sandbox mode", () => {
  it("throws before sending", () => {
    const api = new UpstoxClient.LoginApi(new UpstoxClient.ApiClient(true));
    const message = "This API is not available in sandbox mode.";
    expect(() => api.token("2.0", exchange)).toThrow(message);
    expect(() => api.logout("2.0")).toThrow(message);
    expect(() => api.authorize(clientId, redirectUri, "2.0")).toThrow(message);
    expect(() => api.initTokenRequestForIndieUser({ clientSecret: "s" }, clientId)).toThrow(message);
  });
});
