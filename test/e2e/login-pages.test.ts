/** A real Chromium walks the login pages as a customer does. @see protocol/upstox.md 2.5 */
import { startBroker, type TestBroker, type UpstoxDemoCustomer } from "@kunji/broker/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { type AppServer, startAppServer } from "./_app-server.ts";
import { authenticatorCode } from "./_authenticator.ts";
import { meetPerson, type PersonOptions } from "./_person.ts";

let app: AppServer;
let broker: TestBroker;
let browser: Browser;
let customer: UpstoxDemoCustomer;
let neighbour: UpstoxDemoCustomer;
beforeAll(async () => {
  [app, browser] = await Promise.all([startAppServer(), launchBrowser()]);
  broker = await startBroker({ customers: 2, redirectUri: app.redirectUri });
});
afterAll(async () => {
  await browser.close();
  await broker.close();
  await app.close();
});
beforeEach(async () => {
  await broker.reset();
  [customer, neighbour] = broker.upstox.customers as [UpstoxDemoCustomer, UpstoxDemoCustomer];
});

const meet = (options?: PersonOptions) => meetPerson({ browser, broker, app }, options);

/** Exchanges the code and says whose account it opened. */
async function userOf(callback: Readonly<Record<string, string>>): Promise<string> {
  const { clientId, clientSecret, redirectUri } = broker.upstox.app;
  const response = await fetch(`${broker.url}/v2/login/authorization/token`, {
    method: "POST",
    body: new URLSearchParams({
      code: callback.code ?? "",
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: redirectUri,
      grant_type: "authorization_code",
    }),
  });
  const body = (await response.json()) as { user_id: string };
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body.user_id;
}

/** A code that is wrong by SMS and by authenticator. */
function wrongCode(right: string): string {
  const now = broker.clock.now();
  const used = [right, ...[-30_000, 0, 30_000].map((ms) => authenticatorCode(customer.totpSecret, now + ms))];
  return ["111111", "222222", "333333", "444444", "555555"].find((code) => !used.includes(code)) ?? "";
}

const wrongPin = ({ pin }: UpstoxDemoCustomer) => (pin === "000000" ? "000001" : "000000");

describe("a login with the SMS code", () => {
  it.each([
    { screen: "phone", colorScheme: "light" },
    { screen: "phone", colorScheme: "dark" },
    { screen: "desktop", colorScheme: "light" },
    { screen: "desktop", colorScheme: "dark" },
  ] as const)("arrives at the app: $screen, $colorScheme", async (options) => {
    await using person = await meet(options);
    await person.openDialog("a b&c=d");
    await person.examine();
    await person.giveMobileNumber(customer);
    await person.examine();
    await person.giveCode(await person.readCodeInInbox(customer));
    await person.sees("Enter your PIN to allow access");
    // What the person agrees to: which app, and where the browser goes next (S-58).
    expect(await person.page.locator("#consent").textContent()).toContain("Demo Trading Desk will be able to");
    expect(await person.page.locator("#consent .host").textContent()).toBe(new URL(app.origin).host);
    await person.examine();
    await person.givePin(customer.pin);
    const callback = await person.arrives();
    expect(callback).toEqual({ code: expect.any(String), state: "a b&c=d", iss: broker.url });
    expect(await userOf(callback)).toBe(customer.userId);
    expect(person.problems).toEqual([]);
  });

  it("works without JavaScript", async () => {
    await using person = await meet({ javaScript: false });
    await person.reachPin(customer);
    await person.givePin(customer.pin);
    expect(await userOf(await person.arrives())).toBe(customer.userId);
    expect(person.problems).toEqual([]);
  });

  it("works with the keyboard only", async () => {
    await using person = await meet();
    const { keyboard } = person.page;
    await person.openDialog();
    // The first field has the focus; Enter sends the form.
    await keyboard.type(customer.mobileNumber);
    await keyboard.press("Enter");
    await person.sees("Enter your code");
    await keyboard.type((await broker.inbox())[0]?.otp ?? "");
    await keyboard.press("Tab");
    expect(await person.page.locator(":focus").getAttribute("id")).toBe("continueBtn");
    await keyboard.press("Enter");
    await person.sees("Enter your PIN to allow access");
    await keyboard.type(customer.pin);
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await person.arrives();
    expect(person.problems).toEqual([]);
  });

  it("shows where the keyboard is: every stop of the Tab key has a visible outline", async () => {
    await using person = await meet();
    await person.reachPin(customer);
    const stops: string[] = [];
    for (let presses = 0; presses < 3; presses++) {
      await person.page.keyboard.press("Tab");
      const focused = person.page.locator(":focus");
      const outline = await focused.evaluate((element) => getComputedStyle(element).outlineStyle);
      stops.push(`${(await focused.textContent())?.trim()}: ${outline}`);
    }
    expect(stops).toEqual(["Allow and continue: solid", "Forgot PIN?: solid", "Don't allow: solid"]);
  });

  it("keeps two customers in two tabs apart", async () => {
    await using person = await meet();
    const other = await person.openTab();
    await person.reachPin(customer, "first");
    await other.reachPin(neighbour, "second");
    await person.givePin(customer.pin);
    await other.givePin(neighbour.pin);
    const [mine, theirs] = [await person.arrives(), await other.arrives()];
    expect([mine.state, theirs.state]).toEqual(["first", "second"]);
    expect([await userOf(mine), await userOf(theirs)]).toEqual([customer.userId, neighbour.userId]);
    expect(person.problems).toEqual([]);
  });
});

describe("a login with an authenticator app", () => {
  it("arrives at the app, and a code works once (S-45)", async () => {
    await using person = await meet({ screen: "phone" });
    broker.clock.freeze(broker.clock.now());
    const code = authenticatorCode(customer.totpSecret, broker.clock.now());
    await person.openDialog();
    await person.giveMobileNumber(customer);
    await person.giveCode(code);
    await person.sees("Enter your PIN to allow access");
    await person.givePin(customer.pin);
    expect(await userOf(await person.arrives())).toBe(customer.userId);

    await person.openDialog();
    await person.giveMobileNumber(customer);
    await person.giveCode(code);
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("That code is not right");
    expect(person.problems).toEqual([]);
  });
});

describe("wrong input", () => {
  it("is explained, and the right one then goes on", async () => {
    await using person = await meet();
    await person.openDialog();
    await person.giveMobileNumber(customer);
    const code = await person.readCodeInInbox(customer);
    await person.giveCode(wrongCode(code));
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("That code is not right");
    expect(await person.page.title()).toMatch(/^Error: /);
    expect(await person.page.locator(":focus").getAttribute("id")).toBe("otpNum");
    await person.examine();
    await person.giveCode(code);
    await person.sees("Enter your PIN to allow access");
    await person.givePin(wrongPin(customer));
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("That PIN was not accepted");
    await person.examine();
    await person.givePin(customer.pin);
    await person.arrives();
    expect(person.problems).toEqual([]);
  });

  it("of a code gets a new one on request, and the old one no longer works", async () => {
    await using person = await meet();
    await person.openDialog();
    await person.giveMobileNumber(customer);
    const first = await person.readCodeInInbox(customer);
    await person.page.getByRole("button", { name: "Send again" }).click();
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("a new code is on its way");
    const second = await person.readCodeInInbox(customer);
    if (first !== second) {
      await person.giveCode(first);
      await person.page.locator(".notice.error").waitFor();
    }
    await person.giveCode(second);
    await person.sees("Enter your PIN to allow access");
    expect(person.problems).toEqual([]);
  });

  it("of the PIN locks the account at the fifth try, and “Forgot PIN?” unlocks it", async () => {
    await using person = await meet({ screen: "phone", colorScheme: "dark" });
    await person.reachPin(customer);
    for (let tries = 1; tries <= 5; tries++) {
      await person.givePin(wrongPin(customer));
      if (tries < 5) await person.page.locator("#notice").waitFor();
    }
    await person.sees("Too many wrong PINs");
    await person.examine();

    // The right PIN does not help any more.
    await person.reachPin(customer);
    await person.givePin(customer.pin);
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("That PIN was not accepted");

    await person.page.getByRole("button", { name: "Forgot PIN?" }).click();
    await person.sees("Set a new PIN");
    await person.examine();
    await person.page.fill("#panNum", customer.pan);
    await person.page.getByRole("button", { name: "Continue" }).click();
    await person.sees("Enter the code we sent");
    await person.examine();
    await person.giveCode(await person.readCodeInInbox(customer));
    await person.sees("Choose a new PIN");
    await person.examine();
    const newPin = customer.pin === "482913" ? "482914" : "482913";
    await person.page.fill("#newPin", newPin);
    await person.page.fill("#newPinAgain", wrongPin(customer));
    await person.page.getByRole("button", { name: "Save new PIN" }).click();
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("The two PINs differ");
    await person.page.fill("#newPin", newPin);
    await person.page.fill("#newPinAgain", newPin);
    await person.page.getByRole("button", { name: "Save new PIN" }).click();
    await person.sees("Enter your PIN to allow access");
    await person.givePin(newPin);
    expect(await userOf(await person.arrives())).toBe(customer.userId);
    expect(person.problems).toEqual([]);
  });
});

describe("cancel", () => {
  it.each(["mobile number", "code", "PIN"] as const)("at the %s tells the app, and leaves no code", async (step) => {
    await using person = await meet();
    if (step === "PIN") await person.reachPin(customer);
    else await person.openDialog();
    if (step === "code") await person.giveMobileNumber(customer);
    await person.page.getByRole("button", { name: step === "PIN" ? "Don't allow" : "Cancel" }).click();
    const callback = await person.arrives();
    expect(callback).toEqual({ error: "access_denied", state: "state-1", iss: broker.url });
    expect(person.problems).toEqual([]);
  });
});
