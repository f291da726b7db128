import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { upstoxRoutes } from "@kunji/contract/upstox";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { startTestServer } from "../store/_test-server.ts";
import {
  call,
  exchange,
  expectErrors,
  expectVendorShape,
  getFunds,
  getProfile,
  getTokens,
  issueCode,
  MORNING,
} from "../upstox/_api.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

const JSON_TYPE = { "content-type": "application/json" };
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  call(broker, "POST", path, { headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });
const inject = async (fault: object) => expect((await post("/control/faults", fault)).status).toBe(201);

describe("POST /control/clock", () => {
  it("sets the time, by text or number, and advances it, also back", async () => {
    expect((await post("/control/clock", { now: "2026-12-01T00:00:00+05:30" })).status).toBe(200);
    expect(broker.clock.now()).toBeGreaterThanOrEqual(Date.parse("2026-12-01T00:00:00+05:30"));
    broker.clock.freeze(MORNING);
    expect((await post("/control/clock", { advanceSeconds: 90 })).json).toEqual({
      now: new Date(MORNING + 90_000).toISOString(),
    });
    expect((await post("/control/clock", { advanceSeconds: -90 })).json).toEqual({
      now: new Date(MORNING).toISOString(),
    });
    await post("/control/clock", { now: MORNING });
    expect(Math.abs(broker.clock.now() - MORNING)).toBeLessThan(60_000);
  });

  it("keeps whole milliseconds, so that a login works after any advance", async () => {
    await post("/control/clock", { advanceSeconds: 1.0001 });
    expect(broker.clock.now()).toBe(MORNING + 1000);
    await post("/control/clock", { now: MORNING + 0.4 });
    const result = await broker.login("upstox");
    expect((await exchange(broker, result.code ?? "")).status).toBe(200);
  });

  it("makes tokens die", async () => {
    const { access } = await getTokens(broker);
    await post("/control/clock", { now: "2026-11-26T03:30:00+05:30" });
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
  });

  it.each([
    {},
    { now: "yesterday" },
    { now: 1, advanceSeconds: 1 },
    { advanceSeconds: "9" },
    { now: 1e300 },
    { now: -1 },
    { now: "9999-12-31T23:59:59Z" },
    { advanceSeconds: 1e300 },
    { advanceSeconds: -1e10 },
    { x: 1 },
    { now: null },
  ])("refuses %j", async (body) => {
    expect((await post("/control/clock", body)).status).toBe(400);
    expect(broker.clock.now()).toBe(MORNING);
  });
});

describe("POST and DELETE /control/faults", () => {
  it("status: the dialect's shape, as often as was said, then the real answer", async () => {
    const { access } = await getTokens(broker);
    await inject({ route: "getProfile", status: 429, times: 2 });
    expectErrors(await getProfile(broker, access), 429, "UDAPI10005");
    expect((await getFunds(broker, access)).status).toBe(200);
    expectErrors(await getProfile(broker, access), 429, "UDAPI10005");
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it.each([400, 401, 403, 404, 423, 500, 502, 503])("status %d has an error body", async (status) => {
    await inject({ route: "getProfile", status, times: 1 });
    const answer = await getProfile(broker, "x");
    expect(answer.status).toBe(status);
    expectVendorShape(answer);
  });

  it("body: JSON or text in place of the real one, with or without a status", async () => {
    await inject({ route: "GET /v2/user/profile", body: { status: "partial_success", data: {} }, times: 1 });
    expect((await getProfile(broker, "x")).json).toEqual({ status: "partial_success", data: {} });
    await inject({ route: "/v2/user/profile", status: 403, body: "<h1>error 1010</h1>", times: 1 });
    const page = await getProfile(broker, "x");
    expect([page.status, page.text, page.headers.get("content-type")]).toEqual([
      403,
      "<h1>error 1010</h1>",
      "text/plain; charset=utf-8",
    ]);
  });

  it("drop: the connection ends without an answer; the code is unspent, and the request was seen (S-15)", async () => {
    const code = await issueCode(broker);
    await inject({ route: "token", drop: true, times: 1 });
    await expect(exchange(broker, code)).rejects.toThrow();
    const seen = broker.requests().filter((one) => one.operationId === "token");
    expect(seen.map((one) => one.status)).toEqual([0]);
    expect((await exchange(broker, code)).status).toBe(200);
  });

  it("delay: the real answer, later", async () => {
    const { access } = await getTokens(broker);
    await inject({ route: "getProfile", delayMs: 300, times: 1 });
    const answered: string[] = [];
    const delayed = getProfile(broker, access).finally(() => answered.push("delayed"));
    await getFunds(broker, access).finally(() => answered.push("not delayed"));
    expect((await delayed).status).toBe(200);
    expect(answered).toEqual(["not delayed", "delayed"]);
  });

  it("an operation that two brokers have is named with its broker", async () => {
    const dialogs = [upstoxRoutes.authorize.path, tradejiniRoutes.authorize.path];
    const statuses = async () =>
      await Promise.all(dialogs.map(async (path) => (await call(broker, "GET", path)).status));
    const usual = await statuses();
    await inject({ route: "upstox/authorize", status: 418 });
    expect(await statuses()).toEqual([418, usual[1]]);
    await call(broker, "DELETE", "/control/faults");
    await inject({ route: "GET tradejini/authorize", status: 418 });
    expect(await statuses()).toEqual([usual[0], 418]);
    await call(broker, "DELETE", "/control/faults");
    await inject({ route: "authorize", status: 418 });
    expect(await statuses()).toEqual([418, 418]);
  });

  it("a route with a placeholder is named as the contract writes it", async () => {
    await inject({ route: "POST /v3/login/auth/token/request/{client_id}", status: 503, times: 1 });
    expect((await post("/v3/login/auth/token/request/x", { client_secret: "x" })).status).toBe(503);
  });

  it("DELETE clears them, reset too, and the functions do the same", async () => {
    const { access } = await getTokens(broker);
    await inject({ route: "getProfile", status: 500 });
    expect((await getProfile(broker, access)).status).toBe(500);
    await call(broker, "DELETE", "/control/faults");
    expect((await getProfile(broker, access)).status).toBe(200);
    broker.faults.inject({ route: "getProfile", status: 500 });
    expect((await getProfile(broker, access)).status).toBe(500);
    broker.faults.clear();
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it.each([
    {},
    { route: "getProfile" },
    { route: "", status: 500 },
    { route: 5, status: 500 },
    { route: "getProfile", status: 99 },
    { route: "getProfile", status: 101 },
    { route: "getProfile", status: "500" },
    { route: "getProfile", delayMs: -1 },
    { route: "getProfile", delayMs: 1e9 },
    { route: "getProfile", drop: "yes" },
    { route: "getProfile", status: 500, times: 0 },
    { route: "getProfile", status: 500, more: 1 },
  ])("refuses %j", async (fault) => {
    expect((await post("/control/faults", fault)).status).toBe(400);
    expectErrors(await getProfile(broker, "x"), 401, "UDAPI100050");
  });
});

describe("GET /control/requests", () => {
  it("shows what arrived, oldest first, and no secret in any place (S-96)", async () => {
    const { app, customers } = broker.upstox;
    const login = await broker.login("upstox", { state: "my state" });
    const answer = await exchange(broker, login.code ?? "", { code_verifier: "cAnArY".repeat(8) });
    const { access, extended } = await getTokens(broker);
    await getProfile(broker, access);
    await getProfile(broker, extended);
    await call(broker, "GET", "/v2/user/profile?access_token=cAnArY-in-query&segment=SEC", {
      headers: {
        authorization: "cAnArY-without-scheme",
        cookie: "kunji-x=cAnArY-in-cookie",
        "x-api-key": "cAnArY-in-header",
        "proxy-authorization": "Basic cAnArY",
        referer: "https://x.example.in/?code=cAnArY-in-referer",
      },
    });
    await call(broker, "PUT", "/v2/user/ip", {
      headers: { ...JSON_TYPE, authorization: "Bearer " },
      body: '{"primary_ip":"203.0.113.7","note":"cAnArY-in-body"}',
    });
    await call(broker, "POST", "/v3/login/auth/token/request/cAnArY-in-path", {
      headers: JSON_TYPE,
      body: '{"client_secret":"cAnArY-secret"}',
    });
    await call(broker, "GET", "/cAnArY-nowhere?cAnArY=1");
    expect(answer.status).toBe(400);

    const shown = await call(broker, "GET", "/control/requests");
    expect(shown.status).toBe(200);
    const otp = (await broker.inbox())[0]?.otp ?? "";
    const secrets = [
      login.code ?? "",
      access,
      extended,
      app.clientSecret,
      `"${customers[0]?.pin}"`,
      `"${otp}"`,
      customers[0]?.mobileNumber ?? "",
      "cAnArY",
    ];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(4);
      expect(shown.text).not.toContain(secret);
    }

    const seen = broker.requests();
    expect(seen.map((one) => one.at).toSorted()).toEqual(seen.map((one) => one.at));
    const token = seen.find((one) => one.operationId === "token");
    expect(token).toMatchObject({
      method: "POST",
      path: "/v2/login/authorization/token",
      status: 400,
      body: {
        code: "[redacted]",
        client_id: app.clientId,
        client_secret: "[redacted]",
        redirect_uri: app.redirectUri,
        grant_type: "authorization_code",
        code_verifier: "[redacted]",
      },
    });
    const profiles = seen.filter((one) => one.operationId === "getProfile");
    expect(profiles.map((one) => [one.status, one.headers.authorization])).toEqual([
      [200, "Bearer [redacted]"],
      [200, "Bearer [redacted]"],
      [401, "[redacted]"],
    ]);
    expect(profiles[2]?.query).toEqual({ access_token: "[redacted]", segment: "SEC" });
    expect(seen.find((one) => one.operationId === "updateUserIp")).toMatchObject({
      status: 401,
      headers: { authorization: "Bearer " },
      body: { primary_ip: "203.0.113.7", note: "[redacted]" },
    });
    expect(seen.find((one) => one.operationId === "initTokenRequestForIndieUser")?.path).toBe(
      "/v3/login/auth/token/request/:client_id",
    );
    expect(seen.at(-1)?.path).toBe("(no route)");
    expect(seen.find((one) => one.operationId === "authorize")?.query).toMatchObject({ state: "my state" });
  });

  it("keeps the last thousand (S-127), and none of its own kind", async () => {
    for (let batch = 0; batch < 21; batch++) {
      await Promise.all(Array.from({ length: 50 }, () => getProfile(broker, "x")));
    }
    await call(broker, "GET", "/control/requests");
    expect(broker.requests()).toHaveLength(1000);
    expect(broker.requests().some((seen) => seen.path.startsWith("/control/"))).toBe(false);
  });
});

describe("POST /control/reset", () => {
  it("is fresh data, the real time, no faults and no requests", async () => {
    const { access } = await getTokens(broker);
    await inject({ route: "getProfile", status: 500 });
    expect((await call(broker, "POST", "/control/reset")).status).toBe(200);
    expect(broker.requests()).toEqual([]);
    expect(Math.abs(broker.clock.now() - Date.now())).toBeLessThan(60_000);
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    expect((await getTokens(broker)).access).not.toBe(access);
  });
});

describe("who may use /control", () => {
  const routes = [
    ["POST", "/control/clock"],
    ["POST", "/control/faults"],
    ["DELETE", "/control/faults"],
    ["GET", "/control/requests"],
    ["POST", "/control/reset"],
  ] as const;

  it.each(routes)("no web page: %s %s with an Origin is 404", async (method, path) => {
    for (const origin of ["null", broker.url, "https://evil.example.in"]) {
      const body = method === "POST" ? { body: "{}" } : {};
      const answer = await call(broker, method, path, { headers: { ...JSON_TYPE, origin }, ...body });
      expect(answer.status).toBe(404);
    }
    expect(broker.clock.now()).toBe(MORNING);
  });

  it("nobody under another name: a rebound host is refused (S-107)", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(
        `${broker.url}/control/requests`,
        { headers: { host: "evil.example.in" } },
        (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode);
        },
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
    expect(status).toBe(400);
  });

  it("nobody at all without --control: the routes are not there (S-131)", async () => {
    await using plain = await startTestServer({ database: "sqlite::memory:", masterKey: randomBytes(32) });
    expect(plain.server.control).toBeUndefined();
    for (const [method, path] of routes) {
      const body = method === "POST" ? { body: "{}" } : {};
      expect((await call(plain, method, path, { headers: JSON_TYPE, ...body })).status).toBe(404);
    }
  });
});
