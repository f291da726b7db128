import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { replaceClientIps } from "../../src/store/clients.ts";
import { getTokens } from "../upstox/_api.ts";
import {
  accessTokenOf,
  call,
  customerOf,
  directLogin,
  expectError,
  getDetails,
  getLimits,
  getOrders,
  getPair,
  logOut,
  MORNING,
} from "./_api.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
let minutes = 0;
// Each test has a minute of its own, so that quotas of one do not reach into the next.
beforeEach(() => broker.clock.freeze(MORNING + 120_000 * minutes++));
afterAll(() => broker.close());

describe("Authorization: Bearer <api_key>:<access_token>", () => {
  it("opens details, limits, orders and logout", async () => {
    const pair = await getPair(broker);
    for (const read of [getDetails, getLimits, getOrders, logOut]) expect((await read(broker, pair)).status).toBe(200);
  });

  it.each([
    ["nothing", () => undefined],
    ["the token alone", (pair: string) => `Bearer ${pair.split(":")[1]}`],
    ["the key alone", (pair: string) => `Bearer ${pair.split(":")[0]}`],
    ["another app's key", (pair: string) => `Bearer ${broker.tradejini.individualApp.clientId}:${pair.split(":")[1]}`],
    ["a changed token", (pair: string) => `Bearer ${pair.slice(0, -1)}${pair.endsWith("A") ? "B" : "A"}`],
    ["another scheme", (pair: string) => `Token ${pair}`],
    ["no scheme", (pair: string) => pair],
    ["three parts", (pair: string) => `Bearer ${pair}:x`],
    ["a space inside", (pair: string) => `Bearer ${pair.replace(":", ": ")}`],
  ])("refuses %s with the one 401", async (_name, header) => {
    const authorization = header(await getPair(broker));
    for (const path of ["/v2/api/account/details", "/v2/api/oms/limits", "/v2/api/oms/orders"]) {
      expectError(await call(broker, "GET", path, { headers: authorization ? { authorization } : {} }), "UNAUTHORIZED");
    }
  });

  it("takes the scheme in any case, as HTTP has it", async () => {
    const authorization = `bearer ${await getPair(broker)}`;
    expect((await call(broker, "GET", "/v2/api/account/details", { headers: { authorization } })).status).toBe(200);
  });

  it("does not take a token of another broker, nor gives one", async () => {
    const upstox = (await getTokens(broker)).access;
    expectError(await getDetails(broker, `${broker.upstox.app.clientId}:${upstox}`), "UNAUTHORIZED");
    const pair = await getPair(broker);
    const answer = await call(broker, "GET", "/v2/user/profile", { token: pair.split(":")[1] });
    expect(answer.status).toBe(401);
  });

  it("takes no token in the query (S-32)", async () => {
    const pair = await getPair(broker);
    expectError(await call(broker, "GET", `/v2/api/account/details?token=${pair}`), "UNAUTHORIZED");
  });
});

describe("GET /v2/api/account/details", () => {
  it("says who the token belongs to, with the mobile number masked", async () => {
    const { json } = await getDetails(broker, await getPair(broker));
    expect(json).toMatchObject({
      s: "ok",
      d: {
        userId: customerOf(broker).clientCode,
        userName: "Demo Customer 1",
        mobile: expect.stringMatching(/^\d\dX{6}\d\d$/),
        products: ["cnc", "mis", "nrml"],
      },
    });
  });

  it("refuses a content on GET in the vendor's shape", async () => {
    const pair = await getPair(broker);
    const { path } = tradejiniRoutes.getUserDetails;
    expectError(await call(broker, "PUT", path, { token: pair, body: "x" }), "METHOD_NOT_ALLOWED");
  });
});

describe("GET /v2/api/oms/limits", () => {
  it("lists one object per segment, and available is credits less used", async () => {
    const { json } = await getLimits(broker, await getPair(broker));
    const { s, d } = json as { s: string; d: Record<string, number | string>[] };
    expect([s, d.map(({ segment }) => segment)]).toEqual(["ok", ["NSE", "NFO"]]);
    for (const { totalCredits, marginUsed, availMargin } of d) {
      expect(Number(totalCredits) - Number(marginUsed)).toBeCloseTo(Number(availMargin), 2);
    }
  });
});

describe("POST /v2/api/account/logout", () => {
  it("ends every token of the user, over all apps, and nobody else's", async () => {
    const [mine, mineToo, other] = [await getPair(broker, 0), await getPair(broker, 0), await getPair(broker, 1)];
    const direct = `${broker.tradejini.individualApp.clientId}:${accessTokenOf(await directLogin(broker))}`;
    expect((await getDetails(broker, direct)).status).toBe(200);
    const answer = await logOut(broker, mine);
    expect([answer.status, answer.text]).toEqual([200, '{"s":"ok","d":{"msg":"Logged out successfully"}}']);
    for (const pair of [mine, mineToo, direct]) expectError(await getDetails(broker, pair), "UNAUTHORIZED");
    expect((await getDetails(broker, other)).status).toBe(200);
    expectError(await logOut(broker, mine), "UNAUTHORIZED");
    expect((await getDetails(broker, await getPair(broker, 0))).status, "a new login works").toBe(200);
  });

  it("checks the app's addresses before it reads a body", async () => {
    await using other = await startBroker({ customers: 1, settings: { KUNJI_TRADEJINI_FORBID_UNLISTED_IP: true } });
    const { clientId } = other.tradejini.individualApp;
    await other.server.parts.db.write(() => replaceClientIps(clientId, ["203.0.113.7"]));
    const { path } = tradejiniRoutes.getLogoutWebResponse;
    const headers = { "content-type": "application/json" };
    const answer = await call(other, "POST", path, { token: `${clientId}:nonsense`, headers, body: "{broken" });
    expectError(answer, "FORBIDDEN");
    expectError(await call(other, "POST", path, { token: "user:nonsense", headers, body: "{broken" }), "BAD_REQUEST");
  });

  it("takes an empty form and an empty JSON object as no body", async () => {
    for (const [type, body] of [
      ["application/x-www-form-urlencoded", ""],
      ["application/json", "{}"],
    ] as const) {
      const token = await getPair(broker);
      const headers = { "content-type": type };
      const { path } = tradejiniRoutes.getLogoutWebResponse;
      expect((await call(broker, "POST", path, { token, headers, body })).status).toBe(200);
    }
  });
});

describe("ten sessions of a user", () => {
  it("are all alive; the eleventh ends the oldest, also in one millisecond", async () => {
    const pairs: string[] = [];
    for (let count = 0; count < 10; count++) pairs.push(await getPair(broker, 2));
    for (const pair of pairs) expect((await getDetails(broker, pair)).status).toBe(200);
    const eleventh = await getPair(broker, 2);
    expectError(await getDetails(broker, pairs[0]), "UNAUTHORIZED");
    for (const pair of [...pairs.slice(1), eleventh]) expect((await getDetails(broker, pair)).status).toBe(200);
  });

  it("do not count tokens that are dead already", async () => {
    for (let count = 0; count < 10; count++) await getPair(broker, 3);
    const last = await getPair(broker, 3);
    await logOut(broker, last);
    const pairs: string[] = [];
    for (let count = 0; count < 10; count++) pairs.push(await getPair(broker, 3));
    for (const pair of pairs) expect((await getDetails(broker, pair)).status).toBe(200);
  });

  it("hold when logins race", async () => {
    const pairs = await Promise.all(Array.from({ length: 25 }, () => getPair(broker, 4)));
    const alive = await Promise.all(pairs.map((pair) => getDetails(broker, pair)));
    expect(alive.filter(({ status }) => status === 200)).toHaveLength(10);
  });
});

describe("rate zones (protocol 8)", () => {
  const passed = async (times: number, one: () => Promise<{ status: number }>) => {
    const answers = await Promise.all(Array.from({ length: times }, one));
    return answers.filter(({ status }) => status !== 429).length;
  };

  it("lets 100 account data calls of a token pass in a second, and says when to come back", async () => {
    const pair = await getPair(broker);
    expect(await passed(105, () => getDetails(broker, pair))).toBe(100);
    const held = await getDetails(broker, pair);
    expectError(held, "TOO_MANY");
    expect(held.headers.get("retry-after")).toBe("1");
    expect((await getDetails(broker, await getPair(broker))).status, "another token has its own").toBe(200);
    broker.clock.advance(1);
    expect((await getDetails(broker, pair)).status).toBe(200);
  });

  it("counts all other calls of a token together: 10 a second", async () => {
    const pair = await getPair(broker);
    const both = async () => (await Promise.all([getLimits(broker, pair), getOrders(broker, pair)])).flat();
    const answers = (await Promise.all([both(), both(), both(), both(), both(), both()])).flat();
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect((await getDetails(broker, pair)).status, "zones are apart").toBe(200);
  });

  it("and 400 a minute", async () => {
    const pair = await getPair(broker);
    let total = 0;
    for (let second = 0; second < 42; second++) {
      total += await passed(10, () => getLimits(broker, pair));
      broker.clock.advance(1);
    }
    expect(total).toBe(400);
  });

  it("lets 100 calls of an API key pass in a second, whatever comes of them", async () => {
    const { clientId } = broker.tradejini.userApp;
    const { path } = tradejiniRoutes.authorize;
    expect(await passed(110, () => call(broker, "GET", `${path}?client_id=${clientId}`))).toBe(100);
    expect((await call(broker, "GET", `${path}?client_id=another`)).status).toBe(400);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const exchange = { headers, body: `client_id=${clientId}` };
    expectError(await call(broker, "POST", tradejiniRoutes.getAccessToken.path, exchange), "TOO_MANY");
  });

  it("lets 3 direct logins of an address pass in a second", async () => {
    broker.clock.advance(60);
    expect(await passed(5, () => directLogin(broker, { fields: { password: undefined } }))).toBe(3);
    expectError(await directLogin(broker), "TOO_MANY");
  });
});
