import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_DEFAULTS } from "../../src/demo/demo.ts";
import { type RunningBroker, startServer } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import { totpCode } from "../../src/totp/totp.ts";
import { ApprovalPage, askForToken, pushes } from "../approvals/_approval.ts";
import { type Notifier, startNotifier } from "../webhooks/_notifier.ts";
import { Browser } from "./_browser.ts";
import { csrfOf, Login, otpsSentTo, type Place } from "./_login.ts";

/** Every value that must not leave, by what it is; from inputs, and from what the broker makes. */
const secrets = new Map<string, string>();

/** A unique text to put into an input. */
function canary(name: string): string {
  const value = `canary${randomBytes(8).toString("hex")}`;
  secrets.set(name, value);
  return value;
}

function keep(name: string, value: string | null | undefined): string {
  if (!value) throw new Error(`there is no ${name}`);
  secrets.set(name, value);
  return value;
}

const logged: string[] = [];
let server: RunningBroker;
let place: Place;
let notifier: Notifier;

beforeAll(async () => {
  notifier = await startNotifier(500);
  server = await startServer({
    port: 0,
    host: "127.0.0.1",
    database: "sqlite::memory:",
    masterKey: randomBytes(32),
    settings: readSettings({ KUNJI_OTP_PER_NUMBER: "1000" }),
    demo: { ...DEMO_DEFAULTS, customers: 2, notifierUrl: notifier.url },
    control: true,
    log: pino({ level: "trace" }, { write: (line: string) => logged.push(line) }),
  });
  if (!server.demo) throw new Error("no demo data");
  place = {
    url: server.url,
    upstox: server.demo.upstox,
    async inbox() {
      await server.settled();
      return (await server.inbox?.list()) ?? [];
    },
  };
  await walkLogin();
  await walkConsole();
  await walkApproval();
  await walkNonsense();
});
afterAll(async () => {
  await server.close(1_000);
  await notifier.close();
});

const person = (index: number) => {
  const found = place.upstox.customers[index];
  if (!found) throw new Error("no such customer");
  return found;
};

async function walkLogin(): Promise<void> {
  const who = person(0);
  const browser = new Browser(place.url, { "user-agent": canary("user agent"), "x-note": canary("header") });
  const login = await Login.open(place, { browser, state: canary("state") });
  keep("login cookie", login.cookie);
  keep("form token", csrfOf(login.page));
  await login.submit({ mobile_number: canary("mobile"), [canary("field name")]: "1" });
  await login.submit({ mobile_number: keep("mobile number", who.mobileNumber) });
  await login.submit({ otp: canary("otp") });
  await login.submit({ otp: keep("SMS code", (await otpsSentTo(place, who))[0]) });
  keep("login cookie after the proof", login.cookie);
  await login.submit({ pin: canary("pin") });
  await login.submit({ decision: "forgot_pin" });
  await login.submit({ pan: canary("pan") });
  await login.submit({ pan: keep("PAN", who.pan) });
  keep("e-mail address", who.email);
  await login.submit({ otp: keep("recovery code", (await otpsSentTo(place, who))[0]) });
  await login.submit({ pin: keep("new PIN", "739164"), pin_again: canary("pin again") });
  await login.submit({ pin: "739164", pin_again: "739164" });
  await login.submit({ pin: "739164" });
  const code = keep("code", login.callback.get("code"));
  const { app } = place.upstox;
  const form = {
    code,
    client_id: app.clientId,
    client_secret: keep("app secret", app.clientSecret),
    redirect_uri: app.redirectUri,
    grant_type: "authorization_code",
  };
  const response = await fetch(`${place.url}/v2/login/authorization/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const token = (await response.json()) as { access_token: string; extended_token: string };
  keep("access token", token.access_token);
  keep("extended token", token.extended_token);
  const headers = { authorization: `Bearer ${token.access_token}` };
  await fetch(`${place.url}/v2/user/profile?access_token=${canary("token in a query")}`, { headers });
}

async function walkConsole(): Promise<void> {
  const who = person(1);
  const login = await Login.open(place, { dialog: `${place.url}/account/login/upstox` });
  await login.enterMobile(who);
  await login.submit({ otp: keep("TOTP code", totpCode(who.totpSecret, Date.now() / 1000)) });
  await login.submit({ pin: keep("PIN", who.pin) });
  const { browser } = login;
  keep("console cookie", browser.cookies.get("kunji-account"));
  keep("TOTP secret", who.totpSecret);
  await browser.post("/account/totp", { csrf: csrfOf(await browser.get("/account/totp")), pin: canary("console PIN") });
  await browser.post("/account/totp", { csrf: csrfOf(await browser.get("/account/totp")), pin: who.pin });
}

async function walkApproval(): Promise<void> {
  const { app } = place.upstox;
  await askForToken(place, app, { client_secret: canary("wrong app secret") });
  await askForToken(place, { ...app, clientId: canary("app id in a path") });
  await askForToken(place, app);
  keep("approval handle", (await pushes(place))[0]?.link?.split("/").at(-1));
  const page = await ApprovalPage.open(place);
  await page.approve(canary("approval PIN"));
  await page.approve("739164");
  await server.settled();
  const { access_token: token } = JSON.parse(notifier.received[0]?.body ?? "{}") as { access_token: string };
  keep("approved token", token);
  server.control?.clock.advance(2);
  await server.settled();
}

/** Inputs in places that no route looks at, and requests that are refused. */
async function walkNonsense(): Promise<void> {
  const browser = new Browser(place.url);
  await browser.get(`/nowhere/${canary("lost path")}?code=${canary("lost query")}`);
  await browser.get(`/approvals/${canary("approval path")}`);
  await browser.get(`/login/upstox/${canary("login path")}`);
  await browser.get(`/account/login/${canary("dialect")}`);
  await browser.get(upstoxAuthorizationUrl(place.url, place.upstox.app, { redirectUri: `https://${canary("host")}/` }));
  await browser.get(`/v2/login/authorization/dialog?client_id=${canary("repeated")}&client_id=2`);
  await browser.get(`/v2/login/authorization/dialog?state=%ff${canary("bad encoding")}`);
  await browser.post("/account/sign-out", { csrf: canary("csrf") }, { "content-type": "text/plain" });
  await browser.post(
    "/account/sign-out",
    { csrf: canary("cross-site csrf") },
    { origin: `https://${canary("origin")}` },
  );
  const bearer = { authorization: `Bearer ${canary("bearer")}`, cookie: `kunji-account=${canary("cookie")}` };
  await browser.get("/v2/user/profile", bearer);
  await browser.get("/account", bearer);
  const broken = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"a":"${canary("broken JSON")}`,
  };
  await fetch(`${place.url}/v3/login/auth/token/request/x`, broken);
}

const leaksIn = (text: string) => [...secrets].filter(([, value]) => text.includes(value)).map(([name]) => name);

describe("what the broker tells the outside (S-96)", () => {
  it("was walked through with a canary in every input", () => {
    expect(secrets.size).toBeGreaterThan(40);
    expect(notifier.received).toHaveLength(2);
    expect(new Set(secrets.values()).size).toBe(secrets.size);
  });

  it("logs a line for every request, and none of them holds a secret or an input", () => {
    const records = logged.map((line) => JSON.parse(line) as { msg: string; route?: string });
    const routes = new Set(records.map(({ route }) => route));
    expect([...routes]).toEqual(expect.arrayContaining(["/login/upstox/:attempt", "/approvals/:handle", "none"]));
    expect(leaksIn(logged.join(""))).toEqual([]);
  });

  it("logs no URL, no query, no header and no body, only the fields of the list", () => {
    const known = ["level", "time", "pid", "hostname", "msg"];
    const allowed = new Set([...known, "requestId", "route", "method", "status", "durationMs", "clientId", "account"]);
    const others = new Set(
      logged.flatMap((line) => Object.keys(JSON.parse(line))).filter((name) => !allowed.has(name)),
    );
    expect([...others]).toEqual([]);
  });

  it("counts without labels that hold one", async () => {
    const metrics = await (await fetch(`${place.url}/metrics`)).text();
    expect(metrics).toContain("kunji_login_steps_total");
    expect(metrics).toContain('kunji_webhook_attempts_total{outcome="delivered"} 1');
    expect(leaksIn(metrics)).toEqual([]);
  });

  it("remembers requests for tests with every secret replaced", () => {
    const sensitive = leaksIn(JSON.stringify(server.control?.requests.list() ?? []));
    const harmless = new Set(["state", "user agent", "header", "field name", "host", "origin", "lost path", "dialect"]);
    expect(sensitive.filter((name) => !harmless.has(name))).toEqual([]);
  });

  it("writes no secret into the audit rows (S-99)", async () => {
    const rows = await server.parts.db.read(function* () {
      return (yield { text: "SELECT * FROM audit", params: [], firstOnly: false }).rows;
    });
    expect(rows.length).toBeGreaterThan(10);
    expect(leaksIn(JSON.stringify(rows))).toEqual([]);
  });
});
