import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { upstoxRoutes } from "@kunji/contract/upstox";
import { afterEach, describe, expect, it } from "vitest";
import { readSettings, type Settings } from "../src/settings.ts";
import { type BurstAnswer, type BurstRequest, burst } from "./_burst.ts";
import { csrfOf, Login } from "./login/_login.ts";
import { customer } from "./login/_people.ts";
import { startTestServer, type TestServer } from "./store/_test-server.ts";
import { UNLIMITED } from "./store/_unlimited.ts";
import { exchange, expectErrors, FORM, getProfile, getTokens, issueCode, tokenForm } from "./upstox/_api.ts";

let broker: TestServer;
afterEach(() => broker[Symbol.asyncDispose]());

async function start(bounds: { writes?: number; "pin-checks"?: number }, settings: Partial<Settings> = {}) {
  broker = await startTestServer({
    database: "sqlite::memory:",
    masterKey: randomBytes(32),
    settings: { ...readSettings({}), ...UNLIMITED, KUNJI_OTP_PER_NUMBER: 1_000, ...settings },
    demo: { customers: 3, redirectUri: "http://127.0.0.1:7475/callback", notifierUrl: "http://127.0.0.1:9/notifier" },
    bounds,
  });
}

const exchangeOf = (code: string): BurstRequest => ({
  method: "POST",
  path: upstoxRoutes.token.path,
  headers: FORM,
  body: tokenForm(broker, code),
});

/** Whether a refusal says when to come back, in the vendor's shape. */
function expectRefusal(answer: BurstAnswer, status: 429 | 503): void {
  expectErrors(answer, status, "UDAPI10005");
  expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
}

describe("ten times more exchanges than may wait (S-124)", () => {
  const MOST = 8;

  it("are all answered: as many as fit go through, the rest is 503 with Retry-After and has spent no code", async () => {
    await start({ writes: MOST });
    let waiting: string[] = [];
    for (let n = 0; n < 10 * MOST; n++) waiting.push(await issueCode(broker));
    const goodput: number[] = [];
    // Everybody who was refused comes back at once, which is worse than what Retry-After asks for.
    while (waiting.length > 0 && goodput.length < 100) {
      const answers = await burst(broker.url, waiting.map(exchangeOf));
      const refused = waiting.filter((_code, index) => answers[index]?.status !== 200);
      for (const answer of answers) if (answer.status !== 200) expectRefusal(answer, 503);
      expect(waiting.length - refused.length).toBeGreaterThanOrEqual(Math.min(MOST, waiting.length));
      goodput.push(waiting.length - refused.length);
      waiting = refused;
    }
    // It has been full, and every code was good for one exchange in the end.
    expect(goodput.length).toBeGreaterThan(1);
    expect(goodput.reduce((sum, count) => sum + count, 0)).toBe(10 * MOST);

    const { access } = await getTokens(broker);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("leave reading alone: a session that is checked meanwhile is checked", async () => {
    await start({ writes: MOST });
    const { access } = await getTokens(broker);
    const codes = [];
    for (let n = 0; n < 5 * MOST; n++) codes.push(await issueCode(broker));
    const profile = {
      method: "GET",
      path: upstoxRoutes.getProfile.path,
      headers: { authorization: `Bearer ${access}` },
    };
    const answers = await burst(
      broker.url,
      codes.flatMap((code) => [exchangeOf(code), profile]),
    );
    const profiles = answers.filter((_answer, index) => index % 2 === 1);
    expect(profiles.map(({ status }) => status)).toEqual(profiles.map(() => 200));
    expect(answers.map(({ status }) => status)).toContain(503);
  });

  it("are 503 in each API's own shape", async () => {
    await start({ writes: 3 });
    const { clientId, clientSecret } = broker.upstox.app;
    const { access } = await getTokens(broker);
    const revoke = {
      method: "POST",
      path: "/oauth/revoke",
      headers: FORM,
      body: new URLSearchParams({ token: access, client_id: clientId, client_secret: clientSecret }).toString(),
    };
    // A code for nobody is an exchange too: the try is written down.
    const form = { code: "x", client_id: "x", client_secret: "x", redirect_uri: "x", grant_type: "authorization_code" };
    const tradejini = {
      method: "POST",
      path: tradejiniRoutes.getAccessToken.path,
      headers: FORM,
      body: new URLSearchParams(form).toString(),
    };
    const code = exchangeOf(await issueCode(broker));
    const kinds = [code, revoke, tradejini];
    const answers = await burst(
      broker.url,
      kinds.flatMap((kind) => Array.from({ length: 8 }, () => kind)),
    );
    const refusedOf = (index: number) => answers.slice(8 * index, 8 * index + 8).filter(({ status }) => status === 503);
    const bodies = [
      { status: "error", errors: [expect.objectContaining({ errorCode: "UDAPI10005" })] },
      { error: "server_error" },
      { s: "error", msg: expect.any(String) },
    ];
    for (const [index, body] of bodies.entries()) {
      const refused = refusedOf(index);
      expect(refused.length).toBeGreaterThan(0);
      for (const { json, headers } of refused) expect([json, headers.get("retry-after")]).toEqual([body, "1"]);
    }
  });
});

describe("ten times more calls than one caller may make (S-124)", () => {
  it("are 429 with Retry-After for that caller, and nothing for another", async () => {
    await start({}, { KUNJI_RATE_PER_SECOND: 5, KUNJI_RATE_PER_MINUTE: 5 });
    const [loud, quiet] = [await getTokens(broker), await getTokens(broker, { customer: 1 })];
    const profile = (token: string): BurstRequest => ({
      method: "GET",
      path: upstoxRoutes.getProfile.path,
      headers: { authorization: `Bearer ${token}` },
    });
    const answers = await burst(broker.url, [
      ...Array.from({ length: 50 }, () => profile(loud.access)),
      profile(quiet.access),
    ]);
    expect(answers.at(-1)?.status).toBe(200);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(45);
    for (const answer of refused) expectRefusal(answer, 429);
  });
});

describe("many more PINs than can be checked (S-124, S-125)", () => {
  it("are all answered; who is refused finds the login where it was, and token checks go on", async () => {
    const most = 2;
    const capacity = most + Math.max(1, availableParallelism() - 1);
    await start({ "pin-checks": most });
    const { access } = await getTokens(broker);
    const place = { ...broker, inbox: async () => (await broker.server.inbox?.list()) ?? [] };
    const logins: Login[] = [];
    const someone = customer(broker, 0);
    for (let n = 0; n < Math.max(10 * most, 2 * capacity); n++) {
      const login = await Login.open(place);
      await login.enterMobile(someone);
      await broker.server.settled();
      await login.enterOtp(someone);
      expect(login.shown).toBe("pin");
      logins.push(login);
    }
    const pins = logins.map((login): BurstRequest => {
      const cookie = [...login.browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const body = new URLSearchParams({ csrf: csrfOf(login.page), pin: someone.pin }).toString();
      return {
        method: "POST",
        path: login.path,
        headers: { ...FORM, cookie, origin: broker.url, accept: "text/html" },
        body,
      };
    });
    const profile = {
      method: "GET",
      path: upstoxRoutes.getProfile.path,
      headers: { authorization: `Bearer ${access}` },
    };
    const answers = await burst(broker.url, [...pins, profile]);
    expect(answers.pop()?.status).toBe(200);
    const refused = logins.filter((_login, index) => answers[index]?.status === 503);
    expect(answers.filter(({ status }) => status === 303).length).toBeGreaterThanOrEqual(capacity);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of answers) {
      expect([303, 503]).toContain(status);
      if (status === 503) expect(headers.get("retry-after")).toBe("1");
    }
    for (const login of refused) {
      await login.reload();
      await login.submit({ pin: someone.pin });
      const { json } = await exchange(broker, login.callback.get("code") ?? "");
      expect(json).toHaveProperty("access_token");
    }
  });
});
