import { TradejiniClient } from "@kunji/client";
import { describe, expectTypeOf, it } from "vitest";
import { equityOrder, futuresOrder, optionsOrder } from "../samples/tradejini.ts";

// Checked by tsc. The functions below are never called.
const api = new TradejiniClient.AuthorizationApi();
const login = { clientId: "key", redirectUri: "https://desk.example.in/cb", state: "s" };

describe("types", () => {
  it("let the right calls through and no wrong one", () => {
    const calls = [
      () => TradejiniClient.orderAuthorizationUrl({ ...login, orders: [equityOrder, futuresOrder, optionsOrder] }),
      // @ts-expect-error upper case
      () => TradejiniClient.orderAuthorizationUrl({ ...login, orders: [{ ...equityOrder, side: "BUY" }] }),
      // @ts-expect-error an order is no basket
      () => TradejiniClient.orderAuthorizationUrl({ ...login, orders: equityOrder }),
      // @ts-expect-error no orders
      () => TradejiniClient.orderAuthorizationUrl(login),
      // @ts-expect-error no state
      () => TradejiniClient.authorizationUrl({ clientId: "key", redirectUri: "https://desk.example.in/cb" }),
      // @ts-expect-error an option's strike is text
      () => api.orderAuthorize("k", "r", "code", "general", "s", [{ ...optionsOrder, strike: 34_000 }]),
      // @ts-expect-error the only response type is `code`
      () => api.authorize("k", "r", "token", "general", "s"),
      // @ts-expect-error no such grant
      () => api.getAccessToken("c", "k", "r", "s", "refresh_token"),
      // @ts-expect-error `TOTP` in upper case
      () => api.updatedIndividualToken("Bearer k", "p", "123456", "TOTP"),
      () => api.loginDirect({ apiKey: "k", password: "p", totp: "123456" }),
      () => api.loginDirect({ apiKey: "k", password: "p", otp: "123456" }),
      // @ts-expect-error one second factor, not two
      () => api.loginDirect({ apiKey: "k", password: "p", otp: "123456", totp: "123456" }),
      // @ts-expect-error one second factor, not none
      () => api.loginDirect({ apiKey: "k", password: "p" }),
      // @ts-expect-error no secret
      () => api.exchangeCode({ code: "c", clientId: "k", redirectUri: "r" }),
      () => new TradejiniClient.Configuration({ accessToken: async () => "key:token" }),
      // @ts-expect-error a token is text
      () => new TradejiniClient.Configuration({ accessToken: 7 }),
      // @ts-expect-error Tradejini has no sandbox
      () => new TradejiniClient.Configuration({ sandbox: true }),
    ];
    expectTypeOf(calls).toBeArray();
  });

  it("of the answers", () => {
    expectTypeOf(api.exchangeCode).returns.resolves.toEqualTypeOf<TradejiniClient.Session>();
    expectTypeOf(api.loginDirect).returns.resolves.toEqualTypeOf<TradejiniClient.Session>();
    expectTypeOf<TradejiniClient.Session["expiresAt"]>().toEqualTypeOf<number>();
    expectTypeOf(api.getAccessToken).returns.resolves.toEqualTypeOf<TradejiniClient.AccessToken>();
    expectTypeOf<TradejiniClient.AccessToken["access_token"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf(new TradejiniClient.FundsApi().retrieveFundsLimits)
      .returns.resolves.toHaveProperty("d")
      .toEqualTypeOf<TradejiniClient.LimitData[]>();
    expectTypeOf<TradejiniClient.Order>().toEqualTypeOf<
      TradejiniClient.EquityOrder | TradejiniClient.FuturesOrder | TradejiniClient.OptionsOrder
    >();
  });
});
