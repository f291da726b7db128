import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { type Answer, Browser } from "./_browser.ts";
import { csrfOf, Login, otherDigits } from "./_login.ts";
import { customer } from "./_people.ts";

let broker: TestBroker;
/** One answer of every kind that a browser can meet, by name. */
const pages = new Map<string, Answer>();
const redirects = new Map<string, Answer>();

beforeAll(async () => {
  broker = await startBroker({ customers: 2, settings: { KUNJI_OTP_TOTAL: 6 } });
  await visitLogin();
  await visitErrors();
  await visitConsoleAndApprovals();
  for (const path of ["/", "/docs", "/inbox"]) pages.set(path, await new Browser(broker.url).get(path));
});
afterAll(() => broker.close());

async function visitLogin(): Promise<void> {
  const who = customer(broker, 1);
  const stranger = new Browser(broker.url);
  redirects.set("dialog", await stranger.get(upstoxAuthorizationUrl(broker.url, broker.upstox.app, {})));
  const login = await Login.open(broker);
  pages.set("mobile", login.page);
  await login.submit({ mobile_number: "1" });
  pages.set("mobile with a notice", login.page);
  await login.enterMobile(who);
  redirects.set("to a step", login.answers.at(-1) as Answer);
  pages.set("otp", login.page);
  await login.enterOtp(who);
  redirects.set("after a proof", login.answers.at(-1) as Answer);
  pages.set("pin", login.page);
  await login.submit({ decision: "forgot_pin" });
  pages.set("pan", login.page);
  await login.submit({ pan: who.pan });
  pages.set("recovery code", login.page);
  await login.enterOtp(who);
  pages.set("new PIN", login.page);
  await login.submit({ pin: who.pin, pin_again: who.pin });
  for (let count = 0; count < 5; count++) await login.submit({ pin: otherDigits(who.pin) });
  pages.set("locked", login.page);
  const cancelled = await Login.open(broker);
  const saved = cancelled.browser.copy();
  redirects.set("to the app", await cancelled.submit({ decision: "deny" }));
  pages.set("cancelled", await saved.get(cancelled.path));
}

async function visitErrors(): Promise<void> {
  const browser = new Browser(broker.url);
  pages.set("a login that is over", await browser.get("/login/upstox/0123456789abcdef01234567"));
  pages.set("a form from elsewhere", await browser.post("/login/upstox/x", {}, { origin: "https://evil.example" }));
  pages.set("an unknown app", await browser.get("/v2/login/authorization/dialog?client_id=x&redirect_uri=y"));
  pages.set("404", await browser.get("/nowhere"));
  pages.set("405", await browser.post("/account", {}));
  pages.set("415", await browser.post("/account/sign-out", {}, { "content-type": "text/plain" }));
  pages.set("bad encoding", await browser.get("/account?a=%ff"));
  pages.set("an unknown approval", await browser.get("/approvals/nothing"));
  pages.set("a program at a login page", await browser.get("/login/upstox/x", { accept: "*/*" }));
}

async function visitConsoleAndApprovals(): Promise<void> {
  const who = customer(broker, 0);
  const login = await Login.open(broker, { dialog: `${broker.url}/account/login/upstox` });
  await login.finish(who);
  redirects.set("signed in", login.answers.at(-1) as Answer);
  const { browser } = login;
  pages.set("console", login.page);
  pages.set("no approvals", await browser.get("/account/approvals"));
  pages.set("TOTP off", await browser.get("/account/totp"));
  const form = { csrf: csrfOf(await browser.get("/account/totp")) };
  redirects.set("wrong PIN at TOTP", await browser.post("/account/totp", form));
  pages.set("after a wrong PIN at TOTP", await browser.get("/account/totp"));
  redirects.set("an old console form", await browser.post("/account/totp", { csrf: "old" }));
  redirects.set("an old sign-out", await browser.post("/account/sign-out", { csrf: "old" }));
  await askForToken(broker, broker.upstox.app);
  pages.set("approvals", await browser.get("/account/approvals"));
  const approval = await ApprovalPage.open(broker);
  pages.set("approval", approval.page);
  await approval.approve("12");
  pages.set("approval refused", approval.page);
  await approval.reject();
  pages.set("approval decided", approval.page);
  await visitApps(browser, who.pin);
  const off = await browser.get("/account/totp");
  redirects.set("TOTP turned off", await browser.post("/account/totp", { csrf: csrfOf(off), pin: who.pin }));
  const doors = ["/account", "/account/totp", "/account/approvals", "/account/apps", "/account/login/upstox"];
  for (const path of doors) {
    redirects.set(`nobody at ${path}`, await new Browser(broker.url).get(path));
  }
  redirects.set("nobody signs out", await new Browser(broker.url).post("/account/sign-out", {}));
  redirects.set("nobody sets up", await new Browser(broker.url).post("/account/totp", {}));
  const again = await Login.open(broker);
  await again.enterMobile(who);
  while (again.page.status === 200) await again.submit({ decision: "resend" });
  pages.set("429", again.page);
}

async function visitApps(browser: Browser, pin: string): Promise<void> {
  const app = `/account/apps/${broker.upstox.app.clientId}`;
  for (const path of ["/account/apps", app, "/account/sessions", "/account/activity", "/account/static-ips"]) {
    pages.set(path, await browser.get(path));
  }
  for (const change of ["redirect-uris", "notifier-url", "signing-secret", "secret", "status"]) {
    pages.set(change, await browser.get(`${app}/${change}`));
  }
  const fields = async (path: string) => ({ csrf: csrfOf(await browser.get(path)) });
  redirects.set("a change without a PIN", await browser.post(`${app}/secret`, await fields(`${app}/secret`)));
  pages.set("after a change without a PIN", await browser.get(`${app}/secret`));
  redirects.set("a new secret", await browser.post(`${app}/secret`, { ...(await fields(`${app}/secret`)), pin }));
  pages.set("the new secret", await browser.get(`${app}/new-secret`));
  redirects.set("a secret that was shown", await browser.get(`${app}/new-secret`));
  redirects.set("nothing to end", await browser.post("/account/sessions", await fields("/account/sessions")));
  redirects.set("static IPs", await browser.post("/account/static-ips", await fields("/account/static-ips")));
  pages.set("another person's app", await browser.get(`/account/apps/${broker.tradejini.userApp.clientId}`));
}

const STRICT =
  "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

describe("every page for people", () => {
  it("was visited: the answers are what their names say", () => {
    const statuses = Object.fromEntries([...pages].map(([name, { status }]) => [name, status]));
    expect(statuses).toMatchObject({ mobile: 200, locked: 200, console: 200, 404: 404, 405: 405, 415: 415, 429: 429 });
    for (const [name, { status }] of redirects) expect([302, 303], name).toContain(status);
    for (const [name, { headers }] of pages) expect(headers.get("content-type"), name).toBe("text/html; charset=utf-8");
  });

  it("carries a policy that lets nothing in, and lets forms lead on to the app only in a login (S-53)", () => {
    const app = new URL(broker.upstox.app.redirectUri).origin;
    const ofLogin = [
      "mobile",
      "mobile with a notice",
      "otp",
      "pin",
      "pan",
      "recovery code",
      "new PIN",
      "locked",
      "cancelled",
    ];
    for (const [name, { headers }] of pages) {
      const scripts = headers.get("content-security-policy")?.includes("script-src 'self'");
      const policy = scripts ? STRICT.replace("script-src 'none'", "script-src 'self'") : STRICT;
      const expected = ofLogin.includes(name) ? `${policy} ${app}` : policy;
      expect(headers.get("content-security-policy"), name).toBe(expected);
    }
  });

  it("is not framed, not sniffed, not referred to, and alone in its window (S-54)", () => {
    for (const [name, { headers }] of pages) {
      expect(headers.get("x-frame-options"), name).toBe("DENY");
      expect(headers.get("x-content-type-options"), name).toBe("nosniff");
      expect(headers.get("referrer-policy"), name).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy"), name).toBe("same-origin");
      expect(headers.has("strict-transport-security"), `${name}: plain http`).toBe(false);
      expect(headers.has("x-powered-by") || headers.has("server"), name).toBe(false);
    }
  });

  it("is not stored, and neither are the redirects between pages (S-55)", () => {
    for (const [name, { headers }] of [...pages, ...redirects]) {
      expect(headers.get("cache-control"), name).toBe("no-store");
      expect(headers.get("referrer-policy"), name).toBe("no-referrer");
    }
  });

  it("loads nothing from elsewhere and has no script or style of its own in it (S-56)", () => {
    for (const [name, { html }] of pages) {
      expect(html, name).not.toMatch(/<script(?![^>]*\bsrc="\/)[^>]*>/);
      expect(html, name).not.toMatch(/<style|\sstyle="|\son\w+="|javascript:/);
      expect(html, name).not.toMatch(/(?:src|srcset)="(?!\/)/);
      expect(html, name).not.toMatch(/<link[^>]*href="(?!\/)/);
    }
  });

  it("has a language, a title, and a heading", () => {
    for (const [name, { html }] of pages) {
      expect(html, name).toMatch(/^<!DOCTYPE html>/i);
      expect(html, name).toMatch(/<html lang="en/);
      expect(html, name).toMatch(/<title>[^<]+<\/title>/);
      expect(html.match(/<h1/g), name).toHaveLength(1);
    }
  });
});

describe("other origins (S-57)", () => {
  it.each(["https://evil.example", "null", "http://127.0.0.1:1"])("may read nothing: %s", async (origin) => {
    const paths = [
      "/",
      "/account",
      "/login/upstox/x",
      "/v2/login/authorization/dialog",
      "/v2/user/profile",
      "/nowhere",
    ];
    for (const path of paths) {
      const answer = await fetch(`${broker.url}${path}`, { headers: { origin }, redirect: "manual" });
      expect(
        [...answer.headers.keys()].filter((name) => name.startsWith("access-control")),
        path,
      ).toEqual([]);
      const preflight = await fetch(`${broker.url}${path}`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
      expect(
        [...preflight.headers.keys()].filter((name) => name.startsWith("access-control")),
        path,
      ).toEqual([]);
      expect(preflight.status).toBeGreaterThanOrEqual(400);
    }
  });
});
