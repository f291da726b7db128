import { TradejiniClient } from "@kunji/client";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { equityOrder, futuresOrder, optionsOrder } from "../samples/tradejini.ts";

const { authorizationUrl, bearerPair, orderAuthorizationUrl } = TradejiniClient;
const login = { clientId: "key", redirectUri: "https://desk.example.in/tj/cb", state: "Qx81vT" };
const orders = [equityOrder, futuresOrder, optionsOrder];

afterEach(() => vi.unstubAllEnvs());

describe("authorizationUrl", () => {
  it("leads to the broker's login", () => {
    vi.stubEnv("KUNJI_TRADEJINI_URL", "");
    expect(authorizationUrl(login)).toBe(
      "https://api.tradejini.com/v2/api-gw/oauth/authorize?client_id=key" +
        "&redirect_uri=https%3A%2F%2Fdesk.example.in%2Ftj%2Fcb&response_type=code&scope=general&state=Qx81vT",
    );
  });

  it.each(["http://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/v2", "http://127.0.0.1:8080/v2/"])(
    "goes where %s says",
    (host) => {
      const begins = /^http:\/\/127\.0\.0\.1:8080\/v2\/api-gw\/oauth\/authorize\?/;
      expect(authorizationUrl({ ...login, host })).toMatch(begins);
      vi.stubEnv("KUNJI_TRADEJINI_URL", host);
      expect(authorizationUrl(login)).toMatch(begins);
    },
  );

  it("carries any state unchanged", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (state) => {
        expect(new URL(authorizationUrl({ ...login, state })).searchParams.get("state")).toBe(state);
      }),
    );
  });

  it.each(["clientId", "redirectUri", "state"])("needs %s", (name) => {
    expect(() => authorizationUrl({ ...login, [name]: "" })).toThrow(new TypeError(`authorizationUrl needs ${name}`));
  });

  it("refuses a host in the clear (S-72)", () => {
    expect(() => authorizationUrl({ ...login, host: "http://api.tradejini.com/v2" })).toThrow(TypeError);
  });
});

describe("orderAuthorizationUrl", () => {
  it("carries the orders as they are", () => {
    const url = new URL(orderAuthorizationUrl({ ...login, orders }));
    expect(url.pathname).toBe("/v2/api-gw/oauth/order-connect");
    expect([...url.searchParams.keys()]).toEqual([
      "client_id",
      "redirect_uri",
      "response_type",
      "scope",
      "state",
      "params",
    ]);
    expect(url.searchParams.get("params")).toBe(JSON.stringify(orders));
  });

  it("refuses a broken basket and lists everything that is wrong with it", () => {
    const broken = [{ ...equityOrder, qty: 0, remarks: "mine" }, futuresOrder, { ...optionsOrder, limitPrice: 1 }];
    const call = () => orderAuthorizationUrl({ ...login, orders: broken as unknown as TradejiniClient.OrderBasket });
    expect(call).toThrow(
      new TypeError(
        "the basket cannot be sent:\n" +
          "- order 0, remarks: is not a field of an equity order\n" +
          "- order 0, qty: must be whole units, 1 or more\n" +
          "- order 2, limitPrice: must be 0 for a market order",
      ),
    );
  });

  it.each([
    ["no orders", []],
    ["nothing", undefined],
    ["a number that JSON cannot hold", [{ ...equityOrder, limitPrice: Number.NaN }]],
    ["an object that turns itself into something else", [{ ...equityOrder, toJSON: () => ({ inst: "EQT" }) }]],
  ])("refuses %s: what is checked is what would be sent", (_name, wrong) => {
    const basket = wrong as unknown as TradejiniClient.OrderBasket;
    expect(() => orderAuthorizationUrl({ ...login, orders: basket })).toThrow(TypeError);
  });

  it("leaves out what is undefined", () => {
    const order = { ...futuresOrder, discQty: undefined } as unknown as TradejiniClient.FuturesOrder;
    expect(orderAuthorizationUrl({ ...login, orders: [order] })).not.toContain("discQty");
  });
});

describe("bearerPair", () => {
  it("is key, colon, token", () => {
    expect(bearerPair("key", "a:token")).toBe("key:a:token");
  });

  it.each([
    ["", "t"],
    ["Bearer key", "t"],
    ["key:x", "t"],
    ["key", ""],
    ["key", "to ken"],
    ["key\r\nX: 1", "t"],
    ["key", "t\r\nX: 1"],
  ])("refuses %j and %j, without repeating them", (apiKey, accessToken) => {
    expect(() => bearerPair(apiKey, accessToken)).toThrow(TypeError);
  });
});
