/**
 * The bytes of the axios client generated from the vendor's spec (protocol/tradejini.md 9): it writes queries and forms
 * with `URLSearchParams`, appends paths to `https://api.tradejini.com/v2`, and sets Content-Type on forms only.
 */
import { TradejiniClient } from "@kunji/client";
import { describe, expect, it } from "vitest";
import { startBrokerAnswering } from "../_broker.ts";
import { apiKey, equityOrder, futuresOrder, logoutBody, optionsOrder, tokenBody } from "../samples/tradejini.ts";

const redirectUri = "https://desk.example.in/tj/cb?a=1&b=two words";
const state = "Qx81vT ~!'()*+/&=é₹😀";

/** What the generated client does with its parameters. */
const asGenerated = (parameters: Record<string, string>): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) search.set(name, value);
  return search.toString();
};

async function sentBy(call: (api: TradejiniClient.AuthorizationApi) => Promise<unknown>, answer: object = tokenBody) {
  const broker = await startBrokerAnswering(200, answer);
  const configuration = new TradejiniClient.Configuration({ host: broker.url, accessToken: `${apiKey}:live-token` });
  await call(new TradejiniClient.AuthorizationApi(configuration));
  expect(broker.requests).toHaveLength(1);
  return broker.requests[0] as (typeof broker.requests)[number];
}

describe("the bytes of the generated SDK", () => {
  it("authorize", async () => {
    const request = await sentBy((api) => api.authorize(apiKey, redirectUri, "code", "general", state));
    const query = asGenerated({
      client_id: apiKey,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "general",
      state,
    });
    expect(`${request.method} ${request.url}`).toBe(`GET /v2/api-gw/oauth/authorize?${query}`);
    expect(request.headers.authorization).toBeUndefined();
    expect(request.headers["content-type"]).toBeUndefined();
  });

  it("authorize, spelled out", async () => {
    const request = await sentBy((api) => api.authorize("k", "https://d.example.in/c b", "code", "general", "a b~c"));
    expect(request.url).toBe(
      "/v2/api-gw/oauth/authorize?client_id=k&redirect_uri=https%3A%2F%2Fd.example.in%2Fc+b" +
        "&response_type=code&scope=general&state=a+b%7Ec",
    );
  });

  it("getAccessToken", async () => {
    const request = await sentBy((api) =>
      api.getAccessToken("c/o+d e", apiKey, redirectUri, "s3cret&more=", "authorization_code"),
    );
    expect(`${request.method} ${request.url}`).toBe("POST /v2/api-gw/oauth/token");
    expect(request.body).toBe(
      asGenerated({
        code: "c/o+d e",
        client_id: apiKey,
        redirect_uri: redirectUri,
        client_secret: "s3cret&more=",
        grant_type: "authorization_code",
      }),
    );
    expect(request.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(request.headers.authorization).toBeUndefined();
  });

  it("orderAuthorize, with the three published orders", async () => {
    const orders = [equityOrder, futuresOrder, optionsOrder];
    const json = JSON.stringify(orders);
    const query = asGenerated({
      client_id: apiKey,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "general",
      state: "",
      params: json,
    });
    for (const params of [orders, json]) {
      const request = await sentBy((api) => api.orderAuthorize(apiKey, redirectUri, "code", "general", "", params));
      expect(`${request.method} ${request.url}`).toBe(`GET /v2/api-gw/oauth/order-connect?${query}`);
      expect(request.headers.authorization).toBeUndefined();
    }
  });

  it("updatedIndividualToken: the header is the whole value, nothing is put before it", async () => {
    const request = await sentBy((api) => api.updatedIndividualToken(`Bearer ${apiKey}`, "44 17", "093182", "totp"));
    expect(`${request.method} ${request.url}`).toBe("POST /v2/api-gw/oauth/individual-token-v2");
    expect(request.body).toBe("password=44+17&twoFa=093182&twoFaTyp=totp");
    expect(request.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(request.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(request.headers.accept).toBe("application/json");
  });

  it("getLogoutWebResponse: no body, no Content-Type, and no chunks either", async () => {
    const request = await sentBy(
      (api) => new TradejiniClient.AccountApi(api.apiClient).getLogoutWebResponse(),
      logoutBody,
    );
    expect(`${request.method} ${request.url}`).toBe("POST /v2/api/account/logout");
    expect(request.body).toBe("");
    expect(request.headers["content-type"]).toBeUndefined();
    expect(request.headers["transfer-encoding"]).toBeUndefined();
    expect(request.headers["content-length"]).toBe("0");
    expect(request.headers.authorization).toBe(`Bearer ${apiKey}:live-token`);
  });
});

describe("the bytes of OpenAlgo's way of calling", () => {
  it("are those of loginDirect and of every call after it", async () => {
    const login = await sentBy((api) => api.loginDirect({ apiKey, password: "4417", totp: "093182" }));
    expect(login.body).toBe("password=4417&twoFa=093182&twoFaTyp=totp");
    expect(login.headers.authorization).toBe(`Bearer ${apiKey}`);
    const bearer = TradejiniClient.bearerPair(apiKey, tokenBody.access_token);
    const broker = await startBrokerAnswering(200, { s: "ok", d: {} });
    const configuration = new TradejiniClient.Configuration({ host: broker.url, accessToken: bearer });
    await new TradejiniClient.AccountApi(configuration).getUserDetails();
    expect(broker.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}:${tokenBody.access_token}`);
  });
});
