import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { readCallback } from "@kunji/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tradejiniApis, tradejiniBroker } from "../../src/brokers/tradejini.ts";
import { type AccountProfile, Secret } from "../../src/index.ts";
import { first } from "../_customer.ts";
import { failure, MORNING } from "../_kept.ts";

let far: TestBroker;
beforeAll(async () => {
  far = await startBroker();
});
afterAll(() => far.close());
beforeEach(() => far.clock.freeze(MORNING));

const wire = { now: () => far.clock.now() };
const tradejini = tradejiniBroker(wire);
const never = new AbortController().signal;
const DAY = 86_400;

function profile(): AccountProfile {
  const { clientId, clientSecret, redirectUri } = far.tradejini.userApp;
  return {
    broker: "tradejini",
    account: "default",
    way: "browser",
    clientId,
    clientSecret: new Secret(clientSecret),
    redirectUri,
    userId: undefined,
    host: far.url,
    notifierKey: undefined,
  };
}

async function logIn() {
  const { callbackUrl } = await far.login("tradejini", { state: "the-state" });
  return readCallback(callbackUrl, { state: "the-state" });
}

describe("tradejini: exchange", () => {
  it("gives a token that lives a day from its issue by the broker's clock, and knows whose it is", async () => {
    const wrong = tradejiniBroker({ now: () => far.clock.now() - 3_600_000 });
    const token = await wrong.exchange(profile(), await logIn(), { pkce: undefined }, never);
    expect(token).toMatchObject({ issuedAt: MORNING / 1000, expiresAt: MORNING / 1000 + DAY });
    const identity = await tradejini.identify(profile(), token.accessToken, never);
    expect(identity.userId).toBe(first(far.tradejini.customers).clientCode);
    await tradejini.logout(profile(), token.accessToken, never);
    expect(tradejini.judge(await failure(tradejini.identify(profile(), token.accessToken, never)))).toBe("dead");
  });

  it("takes the life that the answer names", async () => {
    const body = {
      scope: "general",
      access_token: "e07b5d3391c84f1f8f62aa4d5c9e1072",
      token_type: "Bearer",
      expires_in: 600,
    };
    far.faults.inject({ route: "POST /v2/api-gw/oauth/token", body, times: 1 });
    const token = await tradejini.exchange(profile(), await logIn(), { pkce: undefined }, never);
    expect(token.expiresAt - token.issuedAt).toBe(600);
  });

  it("refuses a token that is no bearer", async () => {
    const body = { access_token: "e07b5d3391c84f1f8f62aa4d5c9e1072", token_type: "mac" };
    far.faults.inject({ route: "POST /v2/api-gw/oauth/token", body, times: 1 });
    const error = await failure(tradejini.exchange(profile(), await logIn(), { pkce: undefined }, never));
    expect(error.message).toMatch(/token of a type/);
  });
});

describe("tradejini: direct login", () => {
  it("is one request with key, PIN and code", async () => {
    const { clientId, clientCode } = far.tradejini.individualApp;
    const owner = first(far.tradejini.customers.filter((each) => each.clientCode === clientCode));
    const factors = { password: new Secret(owner.password), totpSecret: new Secret(owner.totpSecret) };
    const own: AccountProfile = {
      ...profile(),
      way: "totp",
      clientId,
      clientSecret: undefined,
      redirectUri: undefined,
    };
    const token = await tradejini.directLogin?.(own, factors, far.totpCode(owner.totpSecret), never);
    expect(token?.expiresAt).toBe(MORNING / 1000 + DAY);
    const path = "/v2/api-gw/oauth/individual-token-v2";
    expect(far.requests().filter((each) => each.path === path)).toHaveLength(1);
  });
});

describe("tradejini: API objects", () => {
  it("send key and token, and take a new one when the old is dead", async () => {
    const { accessToken } = await tradejini.exchange(profile(), await logIn(), { pkce: undefined }, never);
    const refused: Secret[] = [];
    // The first one is none of the broker's.
    const given = [new Secret("f".repeat(32)), accessToken];
    const { fundsApi, ordersApi } = tradejiniApis(
      profile(),
      {
        token: async () => first(given),
        isDead: (error) => tradejini.judge(error) === "dead",
        async refused(token) {
          refused.push(token);
          given.shift();
        },
        sawServerTime() {},
      },
      wire,
    );
    const { d: limits } = await fundsApi.retrieveFundsLimits();
    expect(limits.length).toBeGreaterThan(0);
    expect(refused.map((token) => token.reveal())).toEqual(["f".repeat(32)]);
    expect((await ordersApi.getOrders()).s).toMatch(/ok|no-data/);
  });
});
