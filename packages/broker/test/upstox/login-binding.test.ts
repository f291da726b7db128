import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import { Browser, type HeaderChanges } from "../login/_browser.ts";
import { csrfOf, Login, shownOn, withoutReference } from "../login/_login.ts";
import { auditEvents, customer } from "../login/_people.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 3 });
});
beforeEach(() => broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30")));
afterAll(() => broker.close());

const cookieName = (login: Login) => `kunji-login-${login.attempt}`;

describe("a login belongs to one browser (S-35)", () => {
  it("is not shown to a browser without its cookie, nor to one with a made-up cookie", async () => {
    const login = await Login.open(broker);
    const stranger = new Browser(broker.url);
    expect(shownOn(await stranger.get(login.path))).toBe("error");
    const made = new Browser(broker.url);
    made.cookies.set(cookieName(login), `${login.cookie?.slice(0, 24)}${"A".repeat(43)}`);
    expect(shownOn(await made.get(login.path))).toBe("error");
  });

  it("cannot be finished in another browser, whatever that one knows of the form", async () => {
    const who = customer(broker, 0);
    const login = await (await Login.open(broker)).toPin(who);
    const other = new Browser(broker.url);
    const own = await Login.open(broker, { browser: other });
    const answer = await other.post(login.path, { csrf: csrfOf(login.page), pin: who.pin });
    expect([answer.status, answer.location]).toEqual([400, undefined]);
    const crossed = await other.post(own.path, { csrf: csrfOf(login.page), pin: who.pin });
    expect(crossed.location, "a form of another login is not one of this").toBe(own.path);
    await login.submit({ pin: who.pin });
    expect(login.shown).toBe("out");
  });

  it("says the same about an unknown, an expired and a stranger's login", async () => {
    const login = await Login.open(broker);
    const late = await Login.open(broker);
    const stranger = new Browser(broker.url);
    const notYours = await stranger.get(login.path);
    const unknown = await stranger.get("/login/upstox/0123456789abcdef01234567");
    const nonsense = await stranger.get("/login/upstox/%3Cscript%3E");
    broker.clock.advance(600);
    await late.reload();
    const pages = [notYours, unknown, nonsense, late.page].map(({ status, html }) => [status, withoutReference(html)]);
    expect(new Set(pages.map((page) => JSON.stringify(page))).size).toBe(1);
    expect(pages[0]?.[0]).toBe(400);
  });

  it("lives ten minutes: the last step works a moment before, and not at the end", async () => {
    const who = customer(broker, 0);
    const intime = await (await Login.open(broker)).toPin(who);
    const late = await (await Login.open(broker)).toPin(who);
    broker.clock.advance(599.999);
    await intime.submit({ pin: who.pin });
    expect(intime.shown).toBe("out");
    broker.clock.advance(0.001);
    await late.submit({ pin: who.pin });
    expect(late.shown).toBe("error");
    expect(late.page.location).toBeUndefined();
  });
});

describe("the cookie changes with every proof, and the old one dies (S-37)", () => {
  it("is another one after the code, and the first opens nothing any more", async () => {
    const who = customer(broker, 0);
    const login = await Login.open(broker);
    const first = login.browser.copy();
    await login.enterMobile(who);
    expect(login.cookie, "a number proves nothing").toBe(first.cookies.get(cookieName(login)));
    await login.enterOtp(who);
    expect(login.shown).toBe("pin");
    expect(login.cookie).not.toBe(first.cookies.get(cookieName(login)));
    expect(shownOn(await first.get(login.path))).toBe("error");
    const posted = await first.post(login.path, { csrf: csrfOf(login.page), pin: who.pin });
    expect([posted.status, posted.location]).toEqual([400, undefined]);
  });

  it("makes a cookie useless that was planted before the login", async () => {
    const who = customer(broker, 0);
    // The attacker opens a login and plants its cookie and address at the victim.
    const attacker = await Login.open(broker);
    const victim = attacker.browser.copy();
    const page = await victim.get(attacker.path);
    await victim.post(attacker.path, { csrf: csrfOf(page), mobile_number: who.mobileNumber });
    const otp = await attacker.sentOtp(who);
    await victim.post(attacker.path, { csrf: csrfOf(await victim.get(attacker.path)), otp });
    expect(shownOn(await victim.get(attacker.path))).toBe("pin");
    await attacker.reload();
    expect(attacker.shown).toBe("error");
  });

  it("is another one after a new PIN was set, and gone after the last step", async () => {
    const who = customer(broker, 1);
    const login = await (await Login.open(broker)).toPin(who);
    const before = login.cookie;
    await login.recover(who, "482915");
    expect(login.shown).toBe("pin");
    expect(login.cookie).not.toBe(before);
    const answer = await login.submit({ pin: "482915" });
    expect(login.shown).toBe("out");
    expect(answer.headers.getSetCookie()).toEqual([`${cookieName(login)}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`]);
    expect(login.browser.cookies.size).toBe(0);
  });

  it("refuses two cookies of one name (S-39)", async () => {
    const login = await Login.open(broker);
    const twice = `${cookieName(login)}=${login.cookie}; ${cookieName(login)}=${login.cookie}`;
    expect((await login.browser.get(login.path, { cookie: twice })).status).toBe(400);
  });
});

describe("every form needs token, cookie and origin (S-36)", () => {
  const post = async (login: Login, fields: Record<string, string>, changes: HeaderChanges) =>
    await login.browser.post(login.path, { csrf: csrfOf(login.page), ...fields }, changes);
  const mobile = () => ({ mobile_number: customer(broker, 0).mobileNumber });

  it.each<[string, HeaderChanges]>([
    ["no Origin and no Sec-Fetch-Site", { origin: undefined }],
    ["the Origin of another site", { origin: "https://evil.example" }],
    ["our Origin with another port", { origin: "http://127.0.0.1:1" }],
    ["the https spelling of our Origin", { origin: "https://127.0.0.1" }],
    ["a silent Origin alone", { origin: "null" }],
    ["a silent Origin and a foreign site", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["our Origin and a foreign site", { "sec-fetch-site": "cross-site" }],
    ["our Origin and a neighbour's site", { "sec-fetch-site": "same-site" }],
    ["no Origin and a neighbour's site", { origin: undefined, "sec-fetch-site": "same-site" }],
    ["a foreign Origin and our site", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
    ["no cookie", { cookie: undefined }],
  ])("refuses %s, and the login stands where it stood", async (_what, changes) => {
    const login = await Login.open(broker);
    const sent = (await auditEvents(broker.server.parts)).filter((event) => event === "login.otp-sent").length;
    const answer = await post(login, mobile(), changes);
    expect([answer.status, answer.location]).toEqual([400, undefined]);
    expect((await auditEvents(broker.server.parts)).filter((event) => event === "login.otp-sent").length).toBe(sent);
    // The form was not used up either: the person behind the page can still send it.
    await login.submit(mobile());
    expect(login.shown).toBe("otp");
  });

  it.each<[string, HeaderChanges]>([
    ["Origin alone", {}],
    ["Origin and Sec-Fetch-Site", { "sec-fetch-site": "same-origin" }],
    [
      "a silent Origin and Sec-Fetch-Site, as our referrer policy makes Chromium send",
      {
        origin: "null",
        "sec-fetch-site": "same-origin",
      },
    ],
    ["Sec-Fetch-Site alone", { origin: undefined, "sec-fetch-site": "same-origin" }],
  ])("takes %s", async (_what, changes) => {
    const login = await Login.open(broker);
    await login.submit(mobile(), changes);
    expect(login.shown).toBe("otp");
  });

  it.each([
    ["absent", undefined],
    ["empty", ""],
    ["of another login", "other"],
    ["of the page before", "old"],
    ["cut short", "short"],
  ])("shows the page again and does nothing when the token is %s", async (_what, kind) => {
    const who = customer(broker, 0);
    const login = await Login.open(broker);
    const old = csrfOf(login.page);
    await login.enterMobile(who);
    const other = csrfOf((await Login.open(broker)).page);
    const tokens: Readonly<Record<string, string>> = { other, old, short: csrfOf(login.page).slice(1) };
    const csrf = kind === undefined ? undefined : (tokens[kind] ?? kind);
    const otp = await login.sentOtp(who);
    const answer = await login.browser.post(login.path, csrf === undefined ? { otp } : { csrf, otp });
    expect([answer.status, answer.location]).toEqual([303, login.path]);
    await login.reload();
    expect([login.shown, login.notice]).toEqual(["otp", "That form was sent before. This is where your login stands."]);
    await login.submit({ otp });
    expect(login.shown).toBe("pin");
  });

  it("takes fields from the body only, and each once (S-101)", async () => {
    const login = await Login.open(broker);
    const csrf = csrfOf(login.page);
    const both = await login.browser.post(`${login.path}?mobile_number=1`, { csrf, ...mobile() });
    expect(both.status).toBe(400);
    const twice = await fetch(`${broker.url}${login.path}`, {
      method: "POST",
      body: new URLSearchParams([
        ["csrf", csrf],
        ["otp", "1"],
        ["otp", "2"],
      ]),
      headers: { origin: broker.url, cookie: `${cookieName(login)}=${login.cookie}` },
      redirect: "manual",
    });
    expect(twice.status).toBe(400);
    const text = await login.browser.post(login.path, { csrf, ...mobile() }, { "content-type": "text/plain" });
    expect(text.status).toBe(415);
    await login.submit(mobile());
    expect(login.shown).toBe("otp");
  });
});

describe("each form works once (S-41)", () => {
  it("does nothing when the same form is posted again, at any step", async () => {
    const who = customer(broker, 0);
    const login = await Login.open(broker);
    const replay = async (fields: Record<string, string>) => {
      const twin = login.browser.copy();
      const form = { csrf: csrfOf(login.page), ...fields };
      await login.submit(fields);
      const stood = login.shown;
      for (const browser of [twin, login.browser]) await browser.post(login.path, form);
      if (stood !== "out") {
        await login.reload();
        expect(login.shown).toBe(stood);
      }
    };
    await replay({ mobile_number: who.mobileNumber });
    await replay({ otp: await login.sentOtp(who) });
    await replay({ pin: who.pin });
    expect(login.shown).toBe("out");
    const codes = (await auditEvents(broker.server.parts)).filter((event) => event === "code.issued");
    const sent = (await broker.inbox()).filter(({ to }) => to === who.mobileNumber);
    expect(codes.length).toBeGreaterThan(0);
    expect(sent.length).toBeGreaterThan(0);
  });

  it("lets exactly one of 20 parallel posts of a form through", async () => {
    const who = customer(broker, 2);
    const login = await Login.open(broker);
    const before = (await broker.inbox()).length;
    const form = { csrf: csrfOf(login.page), mobile_number: who.mobileNumber };
    await Promise.all(Array.from({ length: 20 }, () => login.browser.post(login.path, form)));
    expect((await broker.inbox()).length - before).toBe(1);
  });

  it("leads reload and the back button to a safe GET that shows where the login stands", async () => {
    const who = customer(broker, 0);
    const login = await (await Login.open(broker)).toPin(who);
    for (let count = 0; count < 3; count++) {
      await login.reload();
      expect(login.shown).toBe("pin");
    }
    for (const answer of login.answers) expect([303, 302]).toContain(answer.status);
  });
});

describe("several logins in one browser", () => {
  it("lets two tabs log two people in side by side", async () => {
    const browser = new Browser(broker.url);
    const first = await Login.open(broker, { browser, state: "first" });
    const second = await Login.open(broker, { browser, state: "second" });
    await first.enterMobile(customer(broker, 0));
    await second.enterMobile(customer(broker, 1));
    await first.enterOtp(customer(broker, 0));
    await second.enterOtp(customer(broker, 1));
    await second.submit({ pin: customer(broker, 1).pin === "482915" ? "" : "482915" });
    await first.submit({ pin: customer(broker, 0).pin });
    expect([first.callback.get("state"), second.callback.get("state")]).toEqual(["first", "second"]);
    expect(first.callback.get("code")).not.toBe(second.callback.get("code"));
  });

  it("keeps four open and forgets the oldest when a fifth is opened", async () => {
    const browser = new Browser(broker.url);
    const logins: Login[] = [];
    for (let count = 0; count < 5; count++) {
      broker.clock.advance(1);
      logins.push(await Login.open(broker, { browser }));
    }
    expect(browser.cookies.size).toBe(4);
    for (const login of logins) await login.reload();
    expect(logins.map((login) => login.shown)).toEqual(["error", "mobile", "mobile", "mobile", "mobile"]);
  });

  it("does not take the cookie of one tab for the other", async () => {
    const browser = new Browser(broker.url);
    const first = await Login.open(broker, { browser });
    const second = await Login.open(broker, { browser });
    const swapped = `kunji-login-${first.attempt}=${second.cookie}; kunji-login-${second.attempt}=${first.cookie}`;
    expect(shownOn(await browser.get(first.path, { cookie: swapped }))).toBe("error");
    expect(shownOn(await browser.get(second.path, { cookie: swapped }))).toBe("error");
  });

  it("asks a browser that has just logged in all over again (S-42)", async () => {
    const browser = new Browser(broker.url);
    const login = await Login.open(broker, { browser });
    await login.finish(customer(broker, 0));
    expect(login.shown).toBe("out");
    const again = await browser.get(upstoxAuthorizationUrl(broker.url, broker.upstox.app, {}));
    expect(shownOn(await browser.get(again.location ?? ""))).toBe("mobile");
  });
});
