/** A real Chromium goes the keeper's whole browser way: the one-time link, the broker's pages, the last page. */
import {
  startBroker,
  type TestBroker,
  type TradejiniDemoCustomer,
  type UpstoxDemoCustomer,
} from "@kunji/broker/testing";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { axeSource, launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { browserLogin } from "../../packages/keeper/src/login/browser-login.ts";
import { openBrowser } from "../../packages/keeper/src/login/open-browser.ts";
import { type Bench, freePort, openBench } from "../../packages/keeper/test/login/_bench.ts";
import { TestPerson } from "../../packages/keeper/test/login/_test-person.ts";
import { type AppServer, startAppServer } from "./_app-server.ts";
import { Person, type PersonOptions, SCREENS } from "./_person.ts";
import { askForSms, CODE, giveCode, givePassword } from "./_tradejini-login.ts";

declare const axe: { run(context: Document): Promise<AxeResults> };

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

let app: AppServer;
let broker: TestBroker;
let browser: Browser;
let context: BrowserContext;
let bench: Bench;
let customer: UpstoxDemoCustomer;
let terminal: TestPerson;
let redirectUri: string;

beforeAll(async () => {
  redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  // The app is some other site in the same browser.
  [app, browser] = await Promise.all([startAppServer(), launchBrowser()]);
  broker = await startBroker({ customers: 2, redirectUri });
});
afterAll(async () => {
  await browser.close();
  await broker.close();
  await app.close();
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
  [customer] = broker.upstox.customers as [UpstoxDemoCustomer];
  const { clientId, clientSecret } = broker.upstox.app;
  const account = { broker: "upstox", way: "browser", clientId, clientSecret, redirectUri, host: broker.url } as const;
  bench = await openBench({ account, now: () => MORNING });
  terminal = new TestPerson();
});
afterEach(async () => {
  await context.close();
  await bench[Symbol.asyncDispose]();
});

/** Somebody at their browser, and what it complained about. */
async function sitDown({
  screen = "desktop",
  colorScheme = "light",
  javaScript = true,
}: PersonOptions = {}): Promise<Person> {
  context = await browser.newContext({
    viewport: SCREENS[screen],
    colorScheme,
    javaScriptEnabled: javaScript,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(10_000);
  const person = new Person(context, await context.newPage(), { broker, app });
  context.on("console", (message) => person.problems.push(`console: ${message.text()}`));
  context.on("weberror", (error) => person.problems.push(`script: ${error.error().message}`));
  return person;
}

/** Starts a login and opens its page as `kunji login` does. */
async function startLogin({ page }: Person) {
  const login = browserLogin(bench.request(terminal));
  login.catch(() => {});
  const { url } = await terminal.opened;
  expect(await openBrowser(url, async (link) => void (await page.goto(link)))).toBe(true);
  return { login, state: new URL(url).searchParams.get("state") ?? "" };
}

async function fillIn(person: Person): Promise<void> {
  await person.giveMobileNumber(customer);
  await person.giveCode(await person.readCodeInInbox(customer));
  await person.sees("Enter your PIN to allow access");
  await person.givePin(customer.pin);
}

/** What axe says, and whether something is cut off at the side. */
async function complaintsAbout(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run(document));
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  return [
    ...violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
    ...(isWide ? ["wider than the screen"] : []),
  ];
}

describe("the keeper's login in a real browser", () => {
  it.each([
    { screen: "desktop", colorScheme: "light" },
    { screen: "phone", colorScheme: "dark" },
  ] as const)(
    "ends on a page that says so, with nothing left behind: $screen, $colorScheme (S-89)",
    async (options) => {
      const person = await sitDown(options);
      const { login, state } = await startLogin(person);
      await fillIn(person);
      await person.sees("You are logged in");
      const session = await login;
      const { page } = person;
      expect(await page.locator("main").innerText()).toMatch(
        /upstox\/default[\s\S]*Demo Customer 1[\s\S]*2026-11-26 03:30 IST/,
      );
      const { origin, pathname, search } = new URL(page.url());
      expect([origin, search]).toEqual([new URL(redirectUri).origin, ""]);
      expect(pathname).toMatch(/^\/kunji\/[\w-]{22}$/);
      const html = await page.content();
      for (const secret of [state, session.accessToken.reveal()]) expect(html).not.toContain(secret);
      // The style is in force although the policy allows nothing else.
      expect(await page.locator("main").evaluate((main) => getComputedStyle(main).borderRadius)).toBe("14px");
      expect(await complaintsAbout(page)).toEqual([]);
      expect(person.problems).toEqual([]);
      // The callback with its code is nowhere to go back to.
      await page.goBack().catch(() => {});
      expect(page.url()).not.toContain("code=");
      expect(page.url().startsWith(redirectUri)).toBe(false);
    },
  );

  it("says so when the person does not allow it", async () => {
    const person = await sitDown();
    const { login } = await startLogin(person);
    await person.page.getByRole("button", { name: "Cancel" }).click();
    await person.sees("The login was cancelled");
    await expect(login).rejects.toMatchObject({ code: "LOGIN_DENIED" });
    expect(await complaintsAbout(person.page)).toEqual([]);
    expect(person.problems).toEqual([]);
  });

  it("goes the same way with the other broker (issue 4, must hold 6)", async () => {
    await bench[Symbol.asyncDispose]();
    const { clientId, clientSecret } = broker.tradejini.userApp;
    const app = { broker: "tradejini", way: "browser", clientId, clientSecret, redirectUri } as const;
    bench = await openBench({ account: { ...app, host: `${broker.url}/v2` }, now: () => MORNING });
    const [owner] = broker.tradejini.customers as [TradejiniDemoCustomer];
    const person = await sitDown();
    const { login } = await startLogin(person);
    await givePassword(person, owner.clientCode, owner.password);
    await person.sees(CODE);
    await giveCode(person, await askForSms(person, owner), "SMS");
    await person.page.click("#approveBtn");
    await person.sees("You are logged in");
    expect(await login).toMatchObject({ broker: "tradejini", userId: owner.clientCode, obtainedBy: "browser" });
    expect(person.page.url()).not.toContain("code=");
    expect(person.problems).toEqual([]);
  });

  it("needs no script", async () => {
    const person = await sitDown({ javaScript: false });
    const { login } = await startLogin(person);
    await fillIn(person);
    await person.sees("You are logged in");
    expect((await login).userName).toBe("Demo Customer 1");
  });

  it("goes on waiting whatever another site's page sends to the port (S-86)", async () => {
    const person = await sitDown();
    const { login, state } = await startLogin(person);
    const elsewhere = await context.newPage();
    await elsewhere.goto(app.redirectUri);
    const target = `${redirectUri}?error=access_denied&state=${state}`;
    const outcomes = await elsewhere.evaluate(async (url) => {
      const image = new Promise<string>((resolve) => {
        const element = new Image();
        element.onload = () => resolve("loaded");
        element.onerror = () => resolve("refused");
        element.src = url;
      });
      const frame = document.createElement("iframe");
      const framed = new Promise<string>((resolve) => {
        frame.onload = () => resolve("ended");
      });
      frame.src = url;
      document.body.append(frame);
      const fetched = fetch(url, { mode: "no-cors" }).then(
        () => "read",
        () => "refused",
      );
      return await Promise.all([image, fetched, framed]);
    }, target);
    expect(outcomes).toEqual(["refused", "refused", "ended"]);
    await elsewhere.goto(`${redirectUri}?error=access_denied&state=wrong`);
    expect(await elsewhere.locator("h1").innerText()).toBe("This login is not the one that waits");
    await fillIn(person);
    await person.sees("You are logged in");
    expect((await login).userName).toBe("Demo Customer 1");
  });
});
