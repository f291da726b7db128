import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import type { UpstoxDemoApp } from "../../src/upstox/demo-upstox.ts";
import { setAppStatus } from "../_app-status.ts";
import { csrfOf, Login, otherDigits, otpsSentTo } from "../login/_login.ts";
import { accountIdOf, addClient, auditEvents, customer } from "../login/_people.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 3 });
});
beforeEach(() => broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30")));
afterAll(() => broker.close());

const owner = () => customer(broker, 0);
const openFor = (app: UpstoxDemoApp) =>
  Login.open(broker, { dialog: upstoxAuthorizationUrl(broker.url, app, { state: "s1" }) });
const codesIssued = async () =>
  (await auditEvents(broker.server.parts)).filter((event) => event === "code.issued").length;

describe("cancelling a login (design.md section 7)", () => {
  it.each(["mobile", "otp", "pin"])("at the %s step tells the app, and no code exists", async (step) => {
    const before = await codesIssued();
    const login = await Login.open(broker, { state: "s1" });
    if (step === "otp") await login.enterMobile(owner());
    if (step === "pin") await login.toPin(owner());
    expect(login.shown).toBe(step);
    const answer = await login.submit({ decision: "deny" });
    expect(answer.status).toBe(303);
    expect(Object.fromEntries(login.callback)).toEqual({ error: "access_denied", state: "s1", iss: broker.url });
    expect(await codesIssued()).toBe(before);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("login.cancelled");
  });

  it("ends it: the cookie is gone, and a saved one shows that it was cancelled", async () => {
    const login = await Login.open(broker);
    const saved = login.browser.copy();
    await login.submit({ decision: "deny" });
    await login.reload();
    expect(login.shown).toBe("error");
    const ghost = await saved.get(login.path);
    expect(ghost.html).toContain("You cancelled this login");
    expect(ghost.html).not.toContain("<form");
  });

  it("wins over whatever else the form carries", async () => {
    const login = await (await Login.open(broker)).toPin(owner());
    await login.submit({ decision: "deny", pin: owner().pin });
    expect(login.callback.get("error")).toBe("access_denied");
  });

  it("while the PIN is being checked leaves no code (S-58)", async () => {
    const before = await codesIssued();
    const login = await (await Login.open(broker, { state: "s1" })).toPin(owner());
    const twin = login.browser.copy();
    const { hasher } = broker.server.parts;
    const { verify } = hasher;
    vi.spyOn(hasher, "verify").mockImplementationOnce(async (stored, pin) => {
      const { location } = await twin.post(login.path, { csrf: csrfOf(await twin.get(login.path)), decision: "deny" });
      expect(new URL(location ?? "").searchParams.get("error")).toBe("access_denied");
      return await verify(stored, pin);
    });
    expect((await login.submit({ pin: owner().pin })).location).toBe(login.path);
    expect(await codesIssued()).toBe(before);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("login.cancelled");
  });
});

describe("the way back to the app", () => {
  it("is 303 with the registered URI, byte for byte, and the parameters behind it (S-02, S-07)", async () => {
    const redirectUri = "https://desk.example.in/a%2Fb/~x?tenant=1&q=%C3%A9";
    const app = await addClient(broker.server.parts, { redirectUris: [redirectUri] });
    const login = await openFor(app);
    await login.finish(owner());
    const answer = login.answers.at(-1);
    expect([answer?.status, answer?.html, answer?.headers.get("cache-control")]).toEqual([303, "", "no-store"]);
    const location = answer?.location ?? "";
    expect(location.startsWith(`${redirectUri}&code=`)).toBe(true);
    expect([...login.callback.keys()]).toEqual(["tenant", "q", "code", "state", "iss"]);
  });

  it("ends the login: going back shows that it is finished, and nothing can be posted", async () => {
    const login = await (await Login.open(broker)).toPin(owner());
    const saved = login.browser.copy();
    const form = { pin: owner().pin };
    await login.submit(form);
    const code = login.callback.get("code");
    expect(code).toMatch(/^[0-9a-f]{24}[A-Za-z0-9_-]{43}$/);
    const before = await codesIssued();
    const page = await saved.get(login.path);
    expect(page.html).toContain("You are logged in");
    expect(page.html).not.toContain("<form");
    await saved.post(login.path, { csrf: "", ...form });
    expect((await saved.get(login.path)).html, "a late post does not change what is said").toContain(
      "You are logged in",
    );
    expect(await codesIssued()).toBe(before);
  });

  it("leaves the end of a locked login as it was when its last form is sent again", async () => {
    const who = customer(broker, 2);
    const login = await (await Login.open(broker)).toPin(who);
    for (let count = 0; count < 5; count++) await login.submit({ pin: otherDigits(who.pin) });
    expect(login.heading).toBe("Too many wrong PINs");
    await login.submit({ pin: otherDigits(who.pin) });
    expect(login.heading).toBe("Too many wrong PINs");
  });
});

describe("apps with limits", () => {
  it("lets only the owner through an app that is for its owner", async () => {
    const app = await addClient(broker.server.parts, { audience: "owner", ownerAccount: accountIdOf(owner()) });
    const own = await (await openFor(app)).finish(owner());
    expect(own.callback.get("code")).toBeTruthy();
    const before = await codesIssued();
    const other = await (await openFor(app)).finish(customer(broker, 1));
    expect([other.page.location, other.heading]).toEqual([undefined, "This app is not for your account"]);
    expect(await codesIssued()).toBe(before);
  });

  it.each(["inactive", "expired"] as const)("gives no code when the app became %s during the login", async (status) => {
    const app = await addClient(broker.server.parts);
    const login = await (await openFor(app)).toPin(owner());
    await setAppStatus(broker, app.clientId, status);
    const before = await codesIssued();
    await login.submit({ pin: owner().pin });
    expect([login.page.location, login.heading]).toEqual([undefined, "This app cannot be used now"]);
    expect(await codesIssued()).toBe(before);
  });

  it("ends at its next page when the app was changed, whichever page that is (S-24, S-63)", async () => {
    const login = await Login.open(broker);
    await login.enterMobile(owner());
    const sent = await otpsSentTo(broker, owner());
    await setAppStatus(broker, broker.upstox.app.clientId, "inactive");
    await login.reload();
    expect(login.heading).toBe("This app cannot be used now");
    expect(login.page.html).not.toContain("<form");
    await setAppStatus(broker, broker.upstox.app.clientId, "active");
    const other = await Login.open(broker);
    await setAppStatus(broker, broker.upstox.app.clientId, "active");
    await other.enterMobile(owner());
    expect(other.heading).toBe("This app cannot be used now");
    expect(await otpsSentTo(broker, owner()), "no code goes out for it").toEqual(sent);
  });

  it("gives no code to a login that began before the app was switched off and on again (S-24)", async () => {
    const app = await addClient(broker.server.parts);
    const login = await (await openFor(app)).toPin(owner());
    await setAppStatus(broker, app.clientId, "inactive");
    await setAppStatus(broker, app.clientId, "active");
    await login.submit({ pin: owner().pin });
    expect(login.heading).toBe("This app cannot be used now");
  });
});

describe("what a person agrees to (S-42, S-58)", () => {
  it("names the app, where one goes back to, what it may do and until when", async () => {
    const app = await addClient(broker.server.parts, { name: "Morning Desk" });
    const login = await (await openFor(app)).toPin(owner());
    for (const text of [
      "Morning Desk",
      "desk.example.in",
      "See your profile",
      "Place, change and cancel orders",
      "03:30 IST on Thu",
      "26 Nov",
    ]) {
      expect(login.page.html).toContain(text);
    }
    expect(login.page.html).toContain('value="deny"');
  });

  it("writes an audit row for every step (S-98)", async () => {
    await broker.reset();
    const login = await Login.open(broker);
    await login.enterMobile(owner());
    await login.submit({ otp: otherDigits(await login.sentOtp(owner())) });
    await login.enterOtp(owner());
    await login.submit({ pin: otherDigits(owner().pin) });
    await login.submit({ pin: owner().pin });
    expect(await auditEvents(broker.server.parts)).toEqual([
      "login.started",
      "login.otp-sent",
      "login.otp-refused",
      "login.otp-accepted",
      "login.pin-refused",
      "code.issued",
    ]);
  });
});
