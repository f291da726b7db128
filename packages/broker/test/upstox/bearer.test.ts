import { upstoxRoutes } from "@kunji/contract/upstox";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findAccount } from "../../src/store/accounts.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import {
  accountIdOf,
  call,
  expectErrors,
  getProfile,
  getTokens,
  issueCode,
  logOut,
  MORNING,
  replaceProfile,
} from "./_api.ts";
import { HOST_ZONES, inHostZone } from "./_host-zone.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

const bearerRoutes = Object.values(upstoxRoutes)
  .filter((route) => route.auth === "bearer")
  .map((route) => [route.method, route.path] as const);

describe.each(bearerRoutes)("%s %s: the token", (method, path) => {
  const json: Record<string, string> = method === "PUT" ? { "content-type": "application/json" } : {};
  const body = method === "PUT" ? { body: '{"primary_ip":"203.0.113.7"}' } : {};
  const send = (headers: Record<string, string>, query = "") =>
    call(broker, method, path + query, { headers: { ...json, ...headers }, ...body });

  it("absent, empty, of another scheme, malformed or unknown: one answer", async () => {
    const { access } = await getTokens(broker);
    const code = await issueCode(broker);
    const wrong = [
      {},
      { authorization: "" },
      { authorization: "Bearer" },
      { authorization: "Bearer " },
      { authorization: `Basic ${access}` },
      { authorization: access },
      { authorization: `Bearer  ${access} x` },
      { authorization: `Bearer ${access.slice(0, -1)}` },
      { authorization: `Bearer ${access.slice(0, -1)}${access.endsWith("A") ? "E" : "A"}` },
      { authorization: `Bearer ${access.toUpperCase()}` },
      { authorization: `Bearer ${code}` },
      { authorization: `Bearer kupx_at_${"0".repeat(24)}${"A".repeat(43)}` },
      { authorization: `Bearer ${"a".repeat(4000)}` },
      { "x-access-token": access },
    ];
    const answers = await Promise.all(wrong.map((headers) => send(headers as Record<string, string>)));
    for (const answer of answers) expectErrors(answer, 401, ["UDAPI100050", null]);
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  });

  it("counts only in the Authorization header: not in the query, not beside an empty header (S-32)", async () => {
    const { access } = await getTokens(broker);
    expectErrors(await send({}, `?access_token=${access}`), 401, "UDAPI100050");
    expectErrors(await send({ authorization: "Bearer " }, `?access_token=${access}`), 401, "UDAPI100050");
  });

  it("dies at 03:30:00.000 IST, and not a millisecond before (S-28)", async () => {
    const { access } = await getTokens(broker);
    broker.clock.freeze(Date.parse("2026-11-26T03:29:59.999+05:30"));
    // The funds service sleeps at that hour; its 423 says that the token was taken.
    const alive = await send({ authorization: `Bearer ${access}` });
    expect([200, 423], alive.text).toContain(alive.status);
    const again = method === "PUT" || method === "DELETE" ? (await getTokensAt(MORNING)).access : access;
    broker.clock.freeze(Date.parse("2026-11-26T03:30:00+05:30"));
    expectErrors(await send({ authorization: `Bearer ${again}` }), 401, "UDAPI100050");
  });

  async function getTokensAt(now: number) {
    broker.clock.freeze(now);
    return await getTokens(broker);
  }
});

describe("an access token's last moment (protocol/upstox.md 3.5)", () => {
  it.each([
    ["2026-11-24T20:00:00+05:30", 27_000],
    ["2026-11-25T02:30:00+05:30", 3_600],
    ["2026-11-25T03:29:59+05:30", 1],
    ["2026-11-25T03:30:00+05:30", 86_400],
    ["2026-11-25T09:05:00+05:30", 66_300],
    ["2026-12-31T23:59:00+05:30", 12_660],
    ["2028-02-28T23:59:00+05:30", 12_660],
  ])("issued %s: %d s, in every time zone of the host", async (issued, seconds) => {
    for (const zone of HOST_ZONES) await inHostZone(zone, dies);

    async function dies() {
      broker.clock.freeze(Date.parse(issued));
      const { access } = await getTokens(broker);
      broker.clock.freeze(Date.parse(issued) + seconds * 1000 - 1);
      expect((await getProfile(broker, access)).status).toBe(200);
      broker.clock.advance(0.001);
      expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    }
  });
});

describe("DELETE /v2/logout", () => {
  it.each([
    ["no body", {}],
    ["the JSON type and no body, as the JS SDK sends it", { headers: { "content-type": "application/json" } }],
    ["the body {} of the Python SDK", { headers: { "content-type": "application/json" }, body: "{}" }],
  ])("with %s ends the token at once: a second logout is 401", async (_name, options) => {
    const { access } = await getTokens(broker);
    const first = await call(broker, "DELETE", "/v2/logout", { ...options, token: access });
    expect([first.status, first.text]).toEqual([200, '{"status":"success","data":true}']);
    expectErrors(await logOut(broker, access), 401, "UDAPI100050");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
  });

  it("leaves other tokens of the person alone", async () => {
    const [one, two] = [await getTokens(broker), await getTokens(broker)];
    await logOut(broker, one.access);
    expect((await getProfile(broker, two.access)).status).toBe(200);
  });

  it("racing with 40 profile calls: none that starts after it succeeds (S-29)", async () => {
    const { access } = await getTokens(broker);
    await logOut(broker, access);
    const answers = await Promise.all(Array.from({ length: 40 }, () => getProfile(broker, access)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401]));
  });

  it("20 at once are one success", async () => {
    const { access } = await getTokens(broker);
    const answers = await Promise.all(Array.from({ length: 20 }, () => logOut(broker, access)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it("refuses a body it has no use for", async () => {
    const { access } = await getTokens(broker);
    const options = { token: access, headers: { "content-type": "application/json" }, body: '{"all":true}' };
    expectErrors(await call(broker, "DELETE", "/v2/logout", options), 400, "UDAPI100038");
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});

describe("GET /v2/user/profile", () => {
  it("is the profile in its envelope, every field in the documented order", async () => {
    const { access } = await getTokens(broker, { customer: 1 });
    const answer = await getProfile(broker, access);
    const customer = broker.upstox.customers[1];
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.json).toEqual({
      status: "success",
      data: {
        email: customer?.email,
        exchanges: ["NSE", "NFO", "BSE", "CDS", "BFO", "BCD"],
        products: ["D", "CO", "I", "MTF"],
        broker: "UPSTOX",
        user_id: customer?.userId,
        user_name: customer?.userName,
        order_types: ["MARKET", "LIMIT", "SL", "SL-M"],
        user_type: "individual",
        poa: false,
        ddpi: true,
        is_active: true,
      },
    });
  });

  it("without an active segment: UDAPI100058, until one is active again", async () => {
    const { db } = broker.server.parts;
    const { access } = await getTokens(broker);
    const accountId = accountIdOf(broker);
    const account = await db.read(() => findAccount(accountId));
    const profile = JSON.parse(account?.profile ?? "{}") as object;
    await replaceProfile(broker, accountId, { ...profile, is_active: false });
    expectErrors(await getProfile(broker, access), 400, "UDAPI100058");
    await replaceProfile(broker, accountId, profile);
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});
