import { inspect } from "node:util";
import { startBroker, type TestBroker, type UpstoxDemoCustomer } from "@kunji/broker/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { browserLogin } from "../../src/login/browser-login.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { type Bench, freePort, occupy, openBench } from "./_bench.ts";
import { fillInPages } from "./_fill-in-pages.ts";
import { comeBack, isClosed, navigate } from "./_http.ts";
import { TestPerson } from "./_test-person.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");
const FIVE_MINUTES = 300_000;

let broker: TestBroker;
let redirectUri: string;
let bench: Bench;
let person: TestPerson;

beforeAll(async () => {
  redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  broker = await startBroker({ redirectUri });
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());
beforeEach(async () => {
  const { clientId, clientSecret } = broker.upstox.app;
  const account = { broker: "upstox", way: "browser", clientId, clientSecret, redirectUri, host: broker.url } as const;
  bench = await openBench({ account, now: () => MORNING });
  person = new TestPerson();
});
afterEach(async () => {
  broker.faults.clear();
  await bench[Symbol.asyncDispose]();
});

/** Starts a login; a failure is looked at later. */
function start(changes?: Partial<LoginRequest>) {
  const login = browserLogin(bench.request(person, changes));
  login.catch(() => {});
  return login;
}

const fillIn = (url: string, customer?: UpstoxDemoCustomer) => fillInPages(broker, url, customer);
const exchanges = () => broker.requests().filter(({ path }) => path.endsWith("/authorization/token"));

describe("a login in the browser", () => {
  it("brings back a proven, stored session, and tells the browser so", async () => {
    const login = start();
    const shown = await person.opened;
    expect(shown).toMatchObject({
      id: { broker: "upstox", account: "default" },
      title: "Upstox",
      redirectUri,
      endsAt: MORNING + FIVE_MINUTES,
    });
    const page = await comeBack(await fillIn(shown.url));
    const session = await login;
    expect(session).toMatchObject({
      broker: "upstox",
      account: "default",
      userId: broker.upstox.customers[0]?.userId,
      userName: "Demo Customer 1",
      expiresAt: Date.parse("2026-11-26T03:30:00+05:30") / 1000,
      obtainedBy: "browser",
    });
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    expect(page.body).toContain("You are logged in");
    expect(page.body).toContain("2026-11-26 03:30 IST");
    expect(page.body).not.toContain(session.accessToken.reveal());
    expect(await isClosed(redirectUri)).toBe(true);
    expect(person.isReading).toBe(false);
    expect(bench.timers.waiting).toEqual([]);
  });

  it("sends PKCE to a server that says it understands it (S-18), and a fresh state each time (S-17)", async () => {
    const urls: URL[] = [];
    for (let round = 0; round < 2; round++) {
      person = new TestPerson();
      const login = start();
      const { url } = await person.opened;
      urls.push(new URL(url));
      await comeBack(await fillIn(url));
      await login;
    }
    const [first, second] = urls.map(({ searchParams }) => searchParams);
    expect(first?.get("code_challenge_method")).toBe("S256");
    for (const name of ["state", "code_challenge"]) {
      expect(first?.get(name)).toMatch(/^[\w-]{43}$/);
      expect(first?.get(name)).not.toBe(second?.get(name));
    }
  });

  it("sends a vendor nothing that is not in its documentation", async () => {
    const asked: string[] = [];
    const { broker: real } = bench;
    const vendor = { ...real, isVendorHost: () => true };
    const before = broker.requests().length;
    const login = start({ broker: vendor });
    const { url } = await person.opened;
    asked.push(
      ...broker
        .requests()
        .slice(before)
        .map(({ path }) => path),
    );
    expect([...new URL(url).searchParams.keys()].sort()).toEqual([
      "client_id",
      "redirect_uri",
      "response_type",
      "state",
    ]);
    expect(asked).toEqual([]);
    await comeBack((await broker.login("upstox", { state: new URL(url).searchParams.get("state") ?? "" })).callbackUrl);
    await login;
  });

  it("does without PKCE when the server says nothing about itself", async () => {
    const silent = await startBroker({ redirectUri });
    silent.faults.inject({ route: "/.well-known/oauth-authorization-server", status: 404, times: 5 });
    const login = start({ profile: { ...bench.profile, host: silent.url } });
    expect(new URL((await person.opened).url).searchParams.has("code_challenge")).toBe(false);
    const navigated = await navigate(
      `${redirectUri}?error=access_denied&state=${new URL((await person.opened).url).searchParams.get("state")}`,
    );
    expect(navigated.status).toBe(303);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_DENIED" });
    await silent.close();
  });

  it("goes on waiting through noise on the callback port (S-87)", async () => {
    const login = start();
    const { url } = await person.opened;
    expect((await navigate(`${redirectUri}?error=access_denied&state=wrong`)).status).toBe(400);
    expect((await navigate(`${redirectUri}?code=stolen&state=wrong`)).status).toBe(400);
    await comeBack(await fillIn(url));
    expect((await login).userName).toBe("Demo Customer 1");
  });

  it("needs somebody to ask", async () => {
    await expect(browserLogin(bench.request(undefined))).rejects.toMatchObject({ code: "LOGIN_REQUIRED" });
  });
});

describe("a login that does not work", () => {
  it("ends after five minutes (S-88)", async () => {
    const login = start();
    await person.opened;
    bench.timers.fire(FIVE_MINUTES);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_TIMEOUT", message: expect.stringContaining("5 minutes") });
    expect(await isClosed(redirectUri)).toBe(true);
    expect(person.isReading).toBe(false);
  });

  it("ends when the caller says so, with the caller's reason", async () => {
    const stop = new AbortController();
    const login = start({ signal: stop.signal });
    await person.opened;
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(login).rejects.toBe(reason);
    expect(await isClosed(redirectUri)).toBe(true);
  });

  it("does not start when the port of the redirect URI is taken (S-90)", async () => {
    await using _other = await occupy(Number(new URL(redirectUri).port));
    await expect(start()).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining(new URL(redirectUri).port),
    });
  });

  it("sends the exchange once, whatever becomes of it (S-15), and shows the browser what happened", async () => {
    broker.faults.inject({ route: "/v2/login/authorization/token", drop: true, times: 5 });
    const before = exchanges().length;
    const login = start();
    const page = await comeBack(await fillIn((await person.opened).url));
    await expect(login).rejects.toMatchObject({ code: "BROKER_UNREACHABLE" });
    expect(exchanges().length - before).toBe(1);
    expect(page.status).toBe(200);
    expect(page.body).toContain("The login did not work");
    expect(await bench.storedSession()).toBeUndefined();
  });

  it("says what is wrong with the app's secret", async () => {
    const { clientId } = broker.upstox.app;
    await bench.accounts.add({
      broker: "upstox",
      clientId,
      clientSecret: "wrong-secret-canary",
      redirectUri,
      host: broker.url,
      replace: true,
    });
    const login = start({ profile: await bench.accounts.load(bench.profile) });
    const page = await comeBack(await fillIn((await person.opened).url));
    await expect(login).rejects.toMatchObject({ code: "LOGIN_FAILED", nextStep: expect.stringContaining("secret") });
    expect(page.body).not.toContain("canary");
  });

  it("stores nothing when somebody else logged in", async () => {
    await bench.accounts.learnUser(bench.profile, broker.upstox.customers[0]?.userId ?? "");
    const login = start({ profile: await bench.accounts.load(bench.profile) });
    const page = await comeBack(await fillIn((await person.opened).url, broker.upstox.customers[1]));
    await expect(login).rejects.toMatchObject({ code: "WRONG_USER" });
    expect(page.body).toContain("Somebody else logged in");
    expect(await bench.storedSession()).toBeUndefined();
  });

  it("keeps state, code, verifier and secret out of its errors (S-73)", async () => {
    broker.faults.inject({ route: "/v2/login/authorization/token", status: 500, times: 1 });
    const login = start();
    const { url } = await person.opened;
    const callbackUrl = await fillIn(url);
    await comeBack(callbackUrl);
    const error = await login.catch((reason: unknown) => reason);
    const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
    const secrets = [
      new URL(url).searchParams.get("state"),
      new URL(callbackUrl).searchParams.get("code"),
      broker.upstox.app.clientSecret,
    ];
    for (const secret of secrets) expect(shown).not.toContain(secret);
  });
});

describe("a login at the other broker", () => {
  it("goes the same way", async () => {
    const { clientId, clientSecret } = broker.tradejini.userApp;
    const host = `${broker.url}/v2`;
    const account = { broker: "tradejini", way: "browser", clientId, clientSecret, redirectUri, host } as const;
    await using other = await openBench({ account, now: () => MORNING });
    const login = browserLogin(other.request(person));
    const { url, title } = await person.opened;
    expect(title).toBe("Tradejini");
    const { callbackUrl } = await broker.login("tradejini", { state: new URL(url).searchParams.get("state") ?? "" });
    const page = await comeBack(callbackUrl);
    expect((await login).userId).toBe(broker.tradejini.customers[0]?.clientCode);
    expect(page.body).toContain("Tradejini");
  });
});
