/** Reload, back, old forms and impatient fingers: none of them may break a login or do anything twice (S-41). */
import { startBroker, type TestBroker, type UpstoxDemoCustomer } from "@kunji/broker/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { type AppServer, startAppServer } from "./_app-server.ts";
import { meetPerson, type Person, type PersonOptions } from "./_person.ts";

const LOGIN_FORM = "POST /login/upstox/:attempt";

let app: AppServer;
let broker: TestBroker;
let browser: Browser;
let customer: UpstoxDemoCustomer;
beforeAll(async () => {
  [app, browser] = await Promise.all([startAppServer(), launchBrowser()]);
  broker = await startBroker({ customers: 1, redirectUri: app.redirectUri });
});
afterAll(async () => {
  await browser.close();
  await broker.close();
  await app.close();
});
beforeEach(async () => {
  await broker.reset();
  [customer] = broker.upstox.customers as [UpstoxDemoCustomer];
});

const meet = (options?: PersonOptions) => meetPerson({ browser, broker, app }, options);

/** The steps of a login, each with the heading it ends at. */
const steps: readonly { readonly heading: string; readonly take: (person: Person) => Promise<void> }[] = [
  { heading: "Log in with your Upstox account", take: (person) => person.openDialog() },
  { heading: "Enter your code", take: (person) => person.giveMobileNumber(customer) },
  {
    heading: "Enter your PIN to allow access",
    take: async (person) => person.giveCode(await person.readCodeInInbox(customer)),
  },
];

describe("reload", () => {
  it("at each step shows the same step, and sends nothing", async () => {
    await using person = await meet();
    for (const { heading, take } of steps) {
      await take(person);
      await person.sees(heading);
      const posts = countPosts();
      await person.page.reload();
      await person.sees(heading);
      expect(countPosts()).toBe(posts);
    }
    expect(await broker.inbox()).toHaveLength(1);
    await person.givePin(customer.pin);
    await person.arrives();
    expect(person.problems).toEqual([]);
  });
});

describe("the back button", () => {
  it("after each step leads to where the login stands, and the login goes on from there", async () => {
    await using person = await meet();
    await person.page.goto(`${app.origin}/start`);
    for (const [index, { heading, take }] of steps.entries()) {
      await take(person);
      await person.sees(heading);
      if (index === 0) continue;
      const posts = countPosts();
      await person.page.goBack();
      await person.sees(heading);
      expect(countPosts()).toBe(posts);
    }
    await person.givePin(customer.pin);
    await person.arrives();
    expect(person.problems).toEqual([]);
  });

  it("from the first page leads back to the app, and forward to the login again", async () => {
    await using person = await meet();
    await person.page.goto(`${app.origin}/start`);
    await person.openDialog();
    await person.page.goBack();
    await person.sees("Back at the app");
    await person.page.goForward();
    await person.sees("Log in with your Upstox account");
    await person.giveMobileNumber(customer);
    expect(person.problems).toEqual([]);
  });

  it("from the app, after the login, explains that the page is over; going forward does no harm", async () => {
    await using person = await meet({ expectedStatuses: [400] });
    await person.reachPin(customer);
    await person.givePin(customer.pin);
    await person.arrives();
    await person.page.goBack();
    await person.page.locator("h1").waitFor();
    expect(await person.page.locator("main form").count()).toBe(0);
    expect(await person.page.locator("main").textContent()).toMatch(/start the login again|You are logged in/);
    await person.examine();
    await person.page.goForward();
    await person.arrives();
    expect(person.problems).toEqual([]);
  });
});

describe("an old form", () => {
  it("changes nothing when it is sent again, and the page says why (S-41)", async () => {
    await using person = await meet();
    await person.openDialog();
    const oldToken = await person.page.locator("input[name=csrf]").first().inputValue();
    await person.giveMobileNumber(customer);
    const messages = (await broker.inbox()).length;
    await person.page
      .locator("input[name=csrf]")
      .first()
      .evaluate((input, token) => input.setAttribute("value", token), oldToken);
    await person.page.fill("#otpNum", "123456");
    await person.page.click("#continueBtn");
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toBe("That form was sent before. This is where your login stands.");
    await person.sees("Enter your code");
    expect(await broker.inbox()).toHaveLength(messages);
    await person.examine();
    await person.giveCode(await person.readCodeInInbox(customer));
    await person.sees("Enter your PIN to allow access");
    expect(person.problems).toEqual([]);
  });

  it("of a login in another browser leads nowhere (S-35)", async () => {
    await using person = await meet();
    await using stranger = await meet({ expectedStatuses: [400] });
    await person.openDialog();
    await stranger.page.goto(person.page.url());
    await stranger.sees("This page cannot go on");
    await stranger.examine();
    await person.giveMobileNumber(customer);
    expect([...person.problems, ...stranger.problems]).toEqual([]);
  });
});

describe("an impatient second click", () => {
  it("at every step, while the first is on its way, still arrives at the app", async () => {
    await using person = await meet({ screen: "phone" });
    // Slow enough that the second click comes before the first answer, every time.
    broker.faults.inject({ route: LOGIN_FORM, delayMs: 120 });
    await person.openDialog();
    await person.page.fill("#mobileNum", customer.mobileNumber);
    await clickTwice(person, "#getOtp");
    await person.sees("Enter your code");
    await person.page.fill("#otpNum", await person.readCodeInInbox(customer));
    await clickTwice(person, "#continueBtn");
    await person.sees("Enter your PIN to allow access");
    await person.page.fill("#pinCode", customer.pin);
    await clickTwice(person, "#pinContinueBtn");
    const { code } = await person.arrives();
    expect(code).toEqual(expect.any(String));
    expect(countPosts()).toBe(3);
    expect(await broker.inbox()).toHaveLength(1);
    broker.faults.clear();
    expect(person.problems).toEqual([]);
  });

  it("as a true double click and a double Enter, arrives as well", async () => {
    await using person = await meet();
    await person.openDialog();
    await person.page.fill("#mobileNum", customer.mobileNumber);
    await person.page.dblclick("#getOtp");
    await person.sees("Enter your code");
    await person.page.fill("#otpNum", await person.readCodeInInbox(customer));
    await person.page.keyboard.press("Enter");
    await person.page.keyboard.press("Enter").catch(() => {});
    await person.sees("Enter your PIN to allow access");
    await person.page.fill("#pinCode", customer.pin);
    await person.page.dblclick("#pinContinueBtn");
    await person.arrives();
    expect(person.problems).toEqual([]);
  });

  it("is taken again after 15 seconds without an answer", async () => {
    await using person = await meet();
    await person.page.clock.install();
    await person.openDialog();
    // A browser that gets 204 stays on the page, as it does when a person stops it from loading.
    broker.faults.inject({ route: LOGIN_FORM, status: 204, times: 1 });
    await person.page.fill("#mobileNum", customer.mobileNumber);
    const answered = person.page.waitForResponse((response) => response.status() === 204);
    await person.page.click("#getOtp");
    await answered;
    await person.page.click("#getOtp");
    await person.page.clock.fastForward(9_000);
    await person.page.click("#getOtp");
    expect(countPosts()).toBe(1);
    await person.page.clock.fastForward(6_000);
    await person.page.click("#getOtp");
    await person.sees("Enter your code");
    expect(person.problems).toEqual([]);
  });

  it("without JavaScript at the number is explained, and the login goes on", async () => {
    await using person = await meet({ javaScript: false });
    broker.faults.inject({ route: LOGIN_FORM, delayMs: 120 });
    await person.openDialog();
    await person.page.fill("#mobileNum", customer.mobileNumber);
    await clickTwice(person, "#getOtp");
    await person.sees("Enter your code");
    broker.faults.clear();
    expect(await person.notice()).toBe("That form was sent before. This is where your login stands.");
    await person.giveCode(await person.readCodeInInbox(customer));
    await person.sees("Enter your PIN to allow access");
    expect(person.problems).toEqual([]);
  });

  it("without JavaScript at the PIN loses the way back to the app, and says what to do", async () => {
    await using person = await meet({ javaScript: false });
    await person.reachPin(customer);
    broker.faults.inject({ route: LOGIN_FORM, delayMs: 120 });
    await person.page.fill("#pinCode", customer.pin);
    await clickTwice(person, "#pinContinueBtn");
    // While the first PIN is being checked the page still asks for it; afterwards it says that the login is over.
    const heading = person.page.getByRole("heading", { level: 1, name: "You are logged in" });
    await person.page.locator("#notice").or(heading).waitFor();
    broker.faults.clear();
    await expect.poll(() => person.page.reload().then(() => heading.count())).toBe(1);
    expect(await person.page.locator("main").textContent()).toContain(
      "The app did not open? Go back to Demo Trading Desk",
    );
    expect(person.problems).toEqual([]);
  });
});

/** Clicks, waits until the browser has sent the form, and clicks again: with the bare mouse, which waits for nothing. */
async function clickTwice({ page }: Person, button: string): Promise<void> {
  const box = await page.locator(button).boundingBox();
  if (!box) throw new Error(`${button} cannot be seen`);
  const at = [box.x + box.width / 2, box.y + box.height / 2] as const;
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.mouse.click(...at);
  await sent;
  await page.mouse.click(...at);
}

function countPosts(): number {
  return broker.requests().filter(({ method, path }) => `${method} ${path}` === LOGIN_FORM).length;
}
