import * as client from "@kunji/client";
import * as keeper from "@kunji/keeper";
import { TradejiniClient, UpstoxClient } from "kunji";
import { expect, expectTypeOf, it } from "vitest";
import * as kunji from "../src/index.ts";

it("`kunji` has all that the client and the keeper have, and no name stands for two things", () => {
  expect(Object.keys(kunji).sort()).toEqual([...Object.keys(client), ...Object.keys(keeper)].sort());
  expect(kunji.openKeeper).toBe(keeper.openKeeper);
  expect(UpstoxClient.LoginApi).toBe(client.UpstoxClient.LoginApi);
  expect(TradejiniClient.AuthorizationApi).toBe(client.TradejiniClient.AuthorizationApi);
});

it("`kunji` has its types too", () => {
  expectTypeOf<typeof TradejiniClient>().toEqualTypeOf<typeof client.TradejiniClient>();
  expectTypeOf(
    new TradejiniClient.AuthorizationApi().loginDirect,
  ).returns.resolves.toEqualTypeOf<client.TradejiniClient.Session>();
  expectTypeOf<TradejiniClient.OrderBasket[number]["side"]>().toEqualTypeOf<"buy" | "sell">();
  const login = { clientId: "key", redirectUri: "https://desk.example.in/cb", state: "s" };
  // Checked by tsc, never called.
  const calls = [
    // @ts-expect-error an option's strike is text, and other fields are missing
    () => TradejiniClient.orderAuthorizationUrl({ ...login, orders: [{ inst: "OPTIDX", strike: 34_000 }] }),
    // @ts-expect-error no second factor
    () => new TradejiniClient.AuthorizationApi().loginDirect({ apiKey: "k", password: "p" }),
  ];
  expectTypeOf(calls).toBeArray();
});
