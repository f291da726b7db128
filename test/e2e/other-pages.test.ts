/** The pages beside the login: account, authenticator app, approvals, inbox, API reference, errors. */
import { startBroker, type TestBroker, type UpstoxDemoCustomer } from "@kunji/broker/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { type AppServer, startAppServer } from "./_app-server.ts";
import { authenticatorCode } from "./_authenticator.ts";
import { meetPerson, type Person, type PersonOptions } from "./_person.ts";

let app: AppServer;
let broker: TestBroker;
let browser: Browser;
let owner: UpstoxDemoCustomer;
beforeAll(async () => {
  [app, browser] = await Promise.all([startAppServer(), launchBrowser()]);
  broker = await startBroker({
    customers: 3,
    redirectUri: app.redirectUri,
    notifierUrl: app.notifierUrl,
    settings: { KUNJI_PUSH_NUMBER_MATCH: true },
  });
});
afterAll(async () => {
  await browser.close();
  await broker.close();
  await app.close();
});
beforeEach(async () => {
  await broker.reset();
  [owner] = broker.upstox.customers as [UpstoxDemoCustomer];
});

const meet = (options?: PersonOptions) => meetPerson({ browser, broker, app }, options);

/** Signs in at the account console with a code of the person's choice. */
async function signIn(person: Person, readCode: () => Promise<string>): Promise<void> {
  await person.page.goto(`${broker.url}/account`);
  await person.sees("Log in with your Upstox account");
  await person.giveMobileNumber(owner);
  await person.giveCode(await readCode());
  await person.sees("Enter your PIN");
  await person.givePin(owner.pin);
  await person.sees("Your account");
}

describe("/account", () => {
  it("turns the authenticator app off and on again, by the key in the QR code", async () => {
    await using person = await meet({ screen: "phone" });
    const { page } = person;
    broker.clock.freeze(broker.clock.now());
    await signIn(person, () => person.readCodeInInbox(owner));
    await person.examine();
    await page.getByRole("link", { name: "Turn it off" }).click();
    await person.sees("Turn off the authenticator app");
    await person.examine();
    await person.givePin(owner.pin);

    // Everything is signed out with it, so the person logs in again. The old app's codes no longer count.
    await person.sees("Log in with your Upstox account");
    await signIn(person, () => person.readCodeInInbox(owner));
    await page.getByRole("link", { name: "Set it up" }).click();
    await person.sees("Set up an authenticator app");
    await person.examine();
    const uri = new URL((await page.getByRole("link", { name: "Open an app" }).getAttribute("href")) ?? "");
    const secret = uri.searchParams.get("secret") ?? "";
    expect(secret).not.toBe(owner.totpSecret);
    expect((await page.locator(".secret").textContent())?.replaceAll(/\s/g, "")).toBe(secret);
    await page.reload();
    await person.sees("Set up an authenticator app");
    expect((await page.locator(".secret").textContent())?.replaceAll(/\s/g, "")).toBe(secret);
    const code = authenticatorCode(secret, broker.clock.now());
    await page.fill("#pinCode", owner.pin);
    await person.giveCode(code === "000000" ? "000001" : "000000");
    await page.locator(".notice.error").waitFor();
    await person.examine();
    expect(await page.inputValue("#pinCode"), "a PIN is never filled in").toBe("");
    await page.fill("#pinCode", owner.pin);
    await person.giveCode(code);
    await person.sees("Your account");
    expect(await person.notice()).toContain("Your authenticator app is set up");

    // Its next code logs in; the one that confirmed it is used up (S-45).
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${broker.url}/`);
    broker.clock.freeze(broker.clock.now() + 30_000);
    await signIn(person, async () => authenticatorCode(secret, broker.clock.now()));
    expect(person.problems).toEqual([]);
  });

  it("is nobody's after signing out, with the back button as well (S-40)", async () => {
    await using person = await meet();
    await signIn(person, () => person.readCodeInInbox(owner));
    await person.page.getByRole("button", { name: "Sign out" }).click();
    await person.page.waitForURL(`${broker.url}/`);
    await person.page.goBack();
    await person.sees("Log in with your Upstox account");
    expect(person.problems).toEqual([]);
  });
});

describe.each([
  { screen: "phone", colorScheme: "light", javaScript: false },
  { screen: "desktop", colorScheme: "dark", javaScript: true },
] as const)("a developer, on a $screen, $colorScheme, scripts $javaScript", (options) => {
  /** What makes the form of a change complete, at the page that shows it. */
  const press = async (person: Person, button: string) => {
    await person.page.fill("#pinCode", owner.pin);
    await person.page.getByRole("button", { name: button, exact: true }).click();
  };

  /** Axe is a script itself. */
  const examine = async (person: Person) => {
    if (options.javaScript) await person.examine();
  };

  it("finds an app, changes it, gets a secret once, and switches it off", async () => {
    await using person = await meet(options);
    const { page } = person;
    await signIn(person, () => person.readCodeInInbox(owner));
    await page.getByRole("link", { name: "My apps" }).click();
    await person.sees("My apps");
    await examine(person);
    await page.getByRole("link", { name: "Demo Trading Desk" }).click();
    await page.getByRole("heading", { level: 1, name: "Demo Trading Desk" }).waitFor();
    await examine(person);

    const change = (title: string) =>
      page
        .locator("section", { has: page.getByRole("heading", { name: title, exact: true }) })
        .getByRole("link")
        .click();
    await change("Redirect URI");
    await person.sees("Redirect URIs");
    await page.fill("#redirect_uri_2", "http://desk.example.in/");
    await press(person, "Save the redirect URIs");
    await page.locator(".notice.error").waitFor();
    expect(await page.inputValue("#redirect_uri_2")).toBe("http://desk.example.in/");
    await examine(person);
    await page.fill("#redirect_uri_2", "https://desk.example.in/");
    await press(person, "Save the redirect URIs");
    expect(await person.notice()).toBe("The redirect URIs are saved.");
    await page.getByText("https://desk.example.in/").waitFor();

    await change("API secret");
    await person.sees("New API secret");
    await examine(person);
    await page.getByLabel("ends now: it leaked").check();
    await press(person, "Make a new secret");
    await person.sees("Your new API secret");
    await examine(person);
    const secret = await page.locator("#newSecret").textContent();
    expect(secret).toMatch(/^[\w-]{43}$/);
    await page.reload();
    expect(await person.notice()).toContain("A secret is shown once");
    expect(await page.content()).not.toContain(secret);

    await change("Notifier URL");
    await person.sees("Notifier URL");
    await examine(person);
    await page.getByRole("link", { name: "Change nothing" }).click();
    await change("Signing secret");
    await press(person, "Make a signing secret");
    await person.sees("Your new signing secret");
    await page.getByRole("link", { name: "I have copied it" }).click();
    await change("Switch off");
    await person.sees("Switch the app off");
    await examine(person);
    await press(person, "Switch it off");
    expect(await person.notice()).toContain("The app is off");
    await change("Switch on");
    await press(person, "Switch it on");
    expect(await person.notice()).toBe("The app is on.");
    expect(person.problems).toEqual([]);
  });

  it("looks at sessions, activity and static IPs, and ends what somebody else opened", async () => {
    await using other = await meet();
    await signIn(other, () => other.readCodeInInbox(owner));
    await using person = await meet(options);
    const { page } = person;
    await signIn(person, () => person.readCodeInInbox(owner));
    await page.getByRole("link", { name: "Sessions" }).click();
    await person.sees("Sessions");
    await examine(person);
    await page.getByRole("button", { name: "End" }).click();
    expect(await person.notice()).toContain("Ended.");
    await examine(person);
    await other.page.reload();
    await other.sees("Log in with your Upstox account");

    await page.getByRole("link", { name: "Back to your account" }).click();
    await page.getByRole("link", { name: "Activity" }).click();
    await person.sees("Activity");
    await page.getByText("A browser was signed out from another one").waitFor();
    await examine(person);
    await page.getByRole("link", { name: "Back to your account" }).click();
    await page.getByRole("link", { name: "Static IPs" }).click();
    await person.sees("Static IPs");
    await page.fill("#primary_ip", "203.0.113.7");
    await press(person, "Save the addresses");
    expect(await person.notice()).toBe("The addresses are saved.");
    await examine(person);
    expect(person.problems).toEqual([]);
  });
});

describe("an approval", () => {
  /** A program asks for its owner's token. @returns the number it shows its user (D6) */
  async function ask(): Promise<string> {
    const { clientId, clientSecret } = broker.upstox.app;
    const response = await fetch(`${broker.url}/v3/login/auth/token/request/${clientId}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ client_secret: clientSecret }),
    });
    expect(response.status).toBe(200);
    return response.headers.get("kunji-match-number") ?? "";
  }

  it("by the link in the inbox needs number and PIN, and the token arrives at the app", async () => {
    await using person = await meet({ screen: "phone" });
    const { page } = person;
    const number = await ask();
    await page.goto(`${broker.url}/inbox`);
    await page.getByRole("link", { name: "Open the link" }).first().click();
    await person.sees("Allow access?");
    await person.examine();
    await page.fill("#matchNumber", number);
    await page.fill("#pinCode", owner.pin === "000000" ? "000001" : "000000");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.locator(".notice.error").waitFor();
    await person.examine();
    await page.fill("#matchNumber", number);
    await page.fill("#pinCode", owner.pin);
    await page.getByRole("button", { name: "Approve" }).click();
    await person.sees("Access allowed");
    await person.examine();
    await broker.settled();
    expect(app.webhooks.at(-1)?.body).toMatchObject({ user_id: owner.userId, message_type: "access_token" });
    const arrived = app.webhooks.length;
    // The answer led to a page that can be reloaded (S-41): it says the same, and nothing is decided twice.
    await page.reload();
    await person.sees("Access allowed");
    await broker.settled();
    expect(app.webhooks).toHaveLength(arrived);
    expect(person.problems).toEqual([]);
  });

  it("from the account page can be rejected without number and PIN, and nothing is sent", async () => {
    await using person = await meet({ colorScheme: "dark" });
    const { page } = person;
    const before = app.webhooks.length;
    await ask();
    await signIn(person, () => person.readCodeInInbox(owner));
    await person.examine();
    await page.getByRole("link", { name: "Look at the requests" }).click();
    await person.sees("Approvals");
    await person.examine();
    await page.getByRole("link", { name: "Demo" }).first().click();
    await person.sees("Allow access?");
    await page.getByRole("button", { name: "Reject" }).click();
    await person.sees("Request rejected");
    await person.examine();
    await broker.settled();
    expect(app.webhooks).toHaveLength(before);
    await page.getByRole("link", { name: "Back to approvals" }).click();
    await person.sees("Approvals");
    expect(await page.locator("main").textContent()).toContain("Nothing waits for you");
    expect(person.problems).toEqual([]);
  });
});

describe.each([
  { screen: "phone", colorScheme: "dark" },
  { screen: "desktop", colorScheme: "light" },
] as const)("on a $screen, $colorScheme", (options) => {
  it("start page, inbox, API reference and error pages have nothing to object to", async () => {
    await using person = await meet({ ...options, expectedStatuses: [400, 404] });
    const { page } = person;
    await broker.login("upstox");
    await page.goto(broker.url);
    await person.examine();
    await page.getByRole("link", { name: "API reference" }).click();
    await page.waitForURL("**/docs");
    await person.examine();
    await page.goto(`${broker.url}/inbox`);
    await person.sees("Demo inbox");
    expect(await page.locator(".message-code").first().textContent()).toMatch(/^\d{6}$/);
    await person.examine();
    await page.getByRole("link", { name: "Refresh" }).click();
    await person.sees("Demo inbox");
    await page.goto(`${broker.url}/v2/login/authorization/dialog?client_id=unknown&redirect_uri=https://a.example/`);
    await person.sees("This login link does not work");
    await person.examine();
    await page.goto(`${broker.url}/no-such-page`);
    await person.sees("Page not found");
    await person.examine();
    expect(person.problems).toEqual([]);
  });
});
