import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { execute, selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { Browser } from "../login/_browser.ts";
import { csrfOf, Login } from "../login/_login.ts";
import { accountIdOf, auditEvents, customer } from "../login/_people.ts";
import { openSignIn, signIn } from "./_console.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 3 });
});
beforeEach(() => broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30")));
afterAll(() => broker.close());

const owner = () => customer(broker, 0);
const isSignedIn = async (browser: Browser) => (await browser.get("/account")).status === 200;

describe("signing in at the account console", () => {
  it("takes the same steps as every login and ends at the person's own page", async () => {
    const login = await openSignIn(broker);
    expect([login.shown, login.page.html.includes("Log in to manage your account.")]).toEqual(["mobile", true]);
    await login.toPin(owner());
    expect(login.heading).toBe("Enter your PIN");
    const answer = await login.submit({ pin: owner().pin });
    expect([answer.status, answer.location]).toEqual([303, "/account"]);
    expect(login.heading).toBe("Your account");
    for (const text of [owner().userName, owner().userId]) expect(login.page.html).toContain(text);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("console.signed-in");
  });

  it("sets an opaque cookie for the session's life and takes the login's cookie away (S-38)", async () => {
    const login = await openSignIn(broker);
    const { attempt } = login;
    await login.toPin(owner());
    const answer = await login.submit({ pin: owner().pin });
    const cookies = answer.headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    expect(cookies[0]).toBe(`kunji-login-${attempt}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`);
    expect(cookies[1]).toMatch(/^kunji-account=[0-9a-f]{24}[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800$/);
  });

  it("stores the session as a digest (S-40)", async () => {
    const browser = await signIn(broker, owner());
    const secret = browser.cookies.get("kunji-account")?.slice(24) ?? "";
    const rows = await broker.server.parts.db.read(() => selectAll("SELECT * FROM browser_sessions"));
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it("gives a new session although an old cookie was planted before (S-37)", async () => {
    const attacker = await signIn(broker, customer(broker, 1));
    const planted = attacker.cookies.get("kunji-account") ?? "";
    const victim = new Browser(broker.url);
    victim.cookies.set("kunji-account", planted);
    await signIn(broker, owner(), victim);
    expect(victim.cookies.get("kunji-account")).not.toBe(planted);
    expect((await attacker.get("/account")).html).toContain(customer(broker, 1).userName);
    expect((await victim.get("/account")).html).toContain(owner().userName);
  });

  it("leads everybody else to the login, from every page", async () => {
    const paths = ["approvals", "approvals/0123456789abcdef01234567", "totp", "apps", "apps/x", "apps/x/secret"];
    const more = ["apps/x/new-secret", "static-ips", "sessions", "activity", "orders"];
    for (const path of ["/account", ...[...paths, ...more].map((each) => `/account/${each}`)]) {
      const answer = await new Browser(broker.url).get(path);
      expect([answer.status, answer.location], path).toEqual([303, "/account/login/upstox"]);
    }
  });

  it("does not take a login for an app as a sign-in, nor the other way round", async () => {
    const login = await (await Login.open(broker)).finish(owner());
    expect(await isSignedIn(login.browser)).toBe(false);
    const browser = await signIn(broker, owner());
    const dialog = await Login.open(broker, { browser });
    expect(dialog.shown, "S-42").toBe("mobile");
  });

  it("says 404 for a broker there is not", async () => {
    expect((await new Browser(broker.url).get("/account/login/nobody")).status).toBe(404);
  });

  it("opens nothing when it is cancelled while the PIN is checked", async () => {
    const login = await openSignIn(broker);
    await login.toPin(owner());
    const saved = login.browser.copy();
    const { hasher } = broker.server.parts;
    const verify = hasher.verify.bind(hasher);
    hasher.verify = async (stored, pin) => {
      hasher.verify = verify;
      await saved.post(login.path, { csrf: csrfOf(await saved.get(login.path)), decision: "deny" });
      return await verify(stored, pin);
    };
    await login.submit({ pin: owner().pin });
    expect(login.heading).toBe("You cancelled this login");
    expect(await isSignedIn(login.browser)).toBe(false);
  });

  it("can be cancelled", async () => {
    const login = await openSignIn(broker);
    await login.submit({ decision: "deny" });
    expect([login.page.status, login.heading]).toEqual([200, "You cancelled this login"]);
    expect(login.page.html).not.toContain("<form");
    expect(await isSignedIn(login.browser)).toBe(false);
  });
});

describe("a signed-in browser (S-40)", () => {
  it("stays so for half an hour", async () => {
    const browser = await signIn(broker, owner());
    broker.clock.advance(1_799.999);
    expect(await isSignedIn(browser)).toBe(true);
    broker.clock.advance(0.001);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it("is signed out for good by signing out: a saved cookie opens nothing", async () => {
    const browser = await signIn(broker, owner());
    const saved = browser.copy();
    const other = await signIn(broker, owner());
    const answer = await browser.post("/account/sign-out", { csrf: csrfOf(await browser.get("/account")) });
    expect([answer.status, answer.location]).toEqual([303, "/"]);
    expect(browser.cookies.size).toBe(0);
    expect(await isSignedIn(saved)).toBe(false);
    expect(await isSignedIn(other), "another browser of the same person").toBe(true);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("console.signed-out");
  });

  it("is signed out when the account is closed", async () => {
    const who = customer(broker, 2);
    const browser = await signIn(broker, who);
    const close = "UPDATE accounts SET status = 'closed' WHERE account_id = ?";
    await broker.server.parts.db.write(() => execute(close, accountIdOf(who)));
    expect(await isSignedIn(browser)).toBe(false);
  });

  it.each(["", "x", `0123456789abcdef01234567${"A".repeat(43)}`])("is none with the cookie %j", async (value) => {
    const browser = new Browser(broker.url);
    browser.cookies.set("kunji-account", value);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it("is none with the right key and another secret", async () => {
    const browser = await signIn(broker, owner());
    const value = browser.cookies.get("kunji-account") ?? "";
    browser.cookies.set("kunji-account", value.slice(0, 24) + "A".repeat(43));
    expect(await isSignedIn(browser)).toBe(false);
  });

  it.each([
    ["no token", {}, {}],
    ["a wrong token", { csrf: "x" }, {}],
    ["another origin", undefined, { origin: "https://evil.example" }],
    ["no origin", undefined, { origin: undefined }],
    ["another site", undefined, { "sec-fetch-site": "cross-site" }],
  ])("is not signed out by a form with %s (S-36)", async (_what, fields, changes) => {
    const browser = await signIn(broker, owner());
    const form = fields ?? { csrf: csrfOf(await browser.get("/account")) };
    await browser.post("/account/sign-out", form, changes);
    expect(await isSignedIn(browser)).toBe(true);
  });

  it("is not signed out by a form token of another session", async () => {
    const [first, second] = [await signIn(broker, owner()), await signIn(broker, owner())];
    await second.post("/account/sign-out", { csrf: csrfOf(await first.get("/account")) });
    expect(await isSignedIn(second)).toBe(true);
  });
});
