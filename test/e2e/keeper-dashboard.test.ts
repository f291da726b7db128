/** A real Chromium at the keeper's dashboard, with real logins at both brokers. */
import { writeFileSync } from "node:fs";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeSource, launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { demoAccount, startKept } from "../../packages/keeper/test/_kept.ts";
import { freePort } from "../../packages/keeper/test/login/_bench.ts";
import { startTestService, type TestService } from "../../packages/keeper/test/service/_service.ts";
import { SCREENS } from "./_person.ts";

declare const axe: { run(context: Document): Promise<AxeResults> };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

interface Owner extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What a good page gives no reason for. */
  readonly problems: string[];
  readonly examine: (name: string) => Promise<void>;
}

interface OwnerOptions {
  readonly screen?: keyof typeof SCREENS;
  readonly colorScheme?: "light" | "dark";
  readonly javaScriptEnabled?: boolean;
}

/** The owner of the accounts opens the printed link. */
async function open(service: TestService, options: OwnerOptions = {}): Promise<Owner> {
  const { screen = "desktop", colorScheme = "light", javaScriptEnabled = true } = options;
  const context = await browser.newContext({
    viewport: SCREENS[screen],
    colorScheme,
    javaScriptEnabled,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(10_000);
  const problems: string[] = [];
  context.on("console", (message) => problems.push(`console: ${message.text()}`));
  context.on("weberror", (error) => problems.push(`script: ${error.error().message}`));
  const page = await context.newPage();
  await page.goto(service.running.createDashboardLink());
  return {
    context,
    page,
    problems,
    examine: (name) => examine(page, name, problems),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Accessible, nothing inline (S-53), nothing cut off at the side. */
async function examine(page: Page, name: string, problems: string[]): Promise<void> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run(document));
  problems.push(...violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`));
  const inline = await page.locator("script:not([src]), style, [style], [onclick], [onsubmit]").count();
  if (inline > 0) problems.push(`${name}: ${inline} inline scripts or styles`);
  const [needed, given] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth] as const;
  });
  if (needed > given) problems.push(`${name}: ${needed} px wide in ${given}`);
  // Last: it leaves a style element behind. For whoever wants to look at the pages.
  if (process.env.TAKE_PICTURES_TO) {
    writeFileSync(`${process.env.TAKE_PICTURES_TO}/${name}.png`, await page.screenshot({ fullPage: true }));
  }
}

const card = (page: Page, id: string) => page.locator(`#${id}`);

async function startHouse() {
  const webhookPort = await freePort();
  const kept = await startKept({ customers: 3, notifierUrl: `http://127.0.0.1:${webhookPort}/elsewhere` });
  const service = await startTestService(kept, { webhookPort, schedule: undefined });
  return {
    kept,
    service,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await kept[Symbol.asyncDispose]();
    },
  };
}

/** Every state an account can be in. */
async function fill({ kept, service }: Awaited<ReturnType<typeof startHouse>>): Promise<void> {
  const { broker, person } = kept;
  const upstox = demoAccount(broker, "upstox");
  await service.keeper.accounts.add(upstox);
  await service.keeper.login("upstox", { person });
  await person.done();
  await service.keeper.accounts.add({ ...upstox, account: "family", way: "approval" });
  await service.keeper.accounts.add(demoAccount(broker, "tradejini"));
  await service.keeper.accounts.add({ ...demoAccount(broker, "tradejini-totp"), password: "wrong-password" });
  await service.ask("/v1/accounts/tradejini/own/login", { method: "POST" });
  await service.ask("/v1/accounts/upstox/family/login", { method: "POST" });
}

describe("the dashboard", () => {
  it.each([
    { screen: "phone", colorScheme: "light" },
    { screen: "phone", colorScheme: "dark" },
    { screen: "desktop", colorScheme: "light" },
    { screen: "desktop", colorScheme: "dark" },
  ] as const)("shows every state of an account on a $screen in $colorScheme", async (look) => {
    await using house = await startHouse();
    await fill(house);
    await using owner = await open(house.service, look);
    const { page } = owner;
    expect(new URL(page.url()).pathname).toBe("/");
    await page.getByText("1 of 4 ready.").waitFor();
    expect(await card(page, "upstox-default").locator(".badge").textContent()).toBe("Ready");
    expect(await card(page, "upstox-default").locator("progress").getAttribute("value")).toMatch(/^6\d{4}$/);
    expect(await card(page, "upstox-family").textContent()).toContain("Approve it on your phone");
    expect(await card(page, "tradejini-own").textContent()).toContain("The last login did not work");
    expect(await card(page, "tradejini-default").locator(".badge").textContent()).toBe("Login needed");
    await card(page, "tradejini-own").locator("summary").click();
    await owner.examine(`dashboard-${look.screen}-${look.colorScheme}`);
    expect(owner.problems).toEqual([]);
  });

  it("logs an account in through the broker's page in another tab, and shows it without a reload", async () => {
    await using house = await startHouse();
    const { kept, service } = house;
    await service.keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    await using owner = await open(service);
    const { page, context } = owner;
    await page.getByText("This page keeps itself up to date.").waitFor();
    await page.evaluate(() => Reflect.set(window, "sameDocument", true));

    const opened = context.waitForEvent("page");
    await page.getByRole("button", { name: "Log in Upstox default" }).click();
    const tab = await opened;
    await tab.waitForURL(`${kept.broker.url}/**`);
    await card(page, "upstox-default").getByText("Waiting for you").waitFor();
    await owner.examine("dashboard-waiting");

    const customer = kept.broker.upstox.customers[0];
    await tab.fill("#mobileNum", customer?.mobileNumber ?? "");
    await tab.click("#getOtp");
    await tab.waitForSelector("#otpNum");
    await tab.fill("#otpNum", (await kept.broker.inbox())[0]?.otp ?? "");
    await tab.click("#continueBtn");
    await tab.fill("#pinCode", customer?.pin ?? "");
    await tab.click("#pinContinueBtn");
    await card(page, "upstox-default").getByText("Ready").waitFor();
    expect(await card(page, "upstox-default").textContent()).toContain("Demo Customer 1");
    expect(await page.evaluate(() => Reflect.get(window, "sameDocument"))).toBe(true);
    expect((await service.ask("/v1/tokens/upstox/default")).status).toBe(200);
    expect(owner.problems).toEqual([]);
  });

  it("can be used with the keyboard alone, and keeps the place when it renews itself", async () => {
    await using house = await startHouse();
    const { kept, service } = house;
    await service.keeper.accounts.add(demoAccount(kept.broker, "tradejini-totp"));
    await service.keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    await using owner = await open(service);
    const { page } = owner;
    await page.getByText("This page keeps itself up to date.").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("tradejini-own-login");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("upstox-default-login");
    await service.keeper.login("tradejini", { account: "own" });
    await card(page, "tradejini-own").getByText("Ready").waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("upstox-default-login");
    await page.keyboard.press("Shift+Tab");
    // Logging out takes a second key: the first shows what it means.
    await page.keyboard.press("Enter");
    await page.getByText("programs that use it are refused from then on").waitFor();
    expect(await card(page, "tradejini-own").locator(".badge").textContent()).toBe("Ready");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("tradejini-own-logout-now");
    await page.keyboard.press("Enter");
    await card(page, "tradejini-own").getByText("Login needed").waitFor();
    expect(owner.problems).toEqual([]);
  });

  it("works without JavaScript: buttons, and a link to see what came of it", async () => {
    await using house = await startHouse();
    const { kept, service } = house;
    await service.keeper.accounts.add(demoAccount(kept.broker, "tradejini-totp"));
    await service.keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    await using owner = await open(service, { javaScriptEnabled: false });
    const { page, context } = owner;
    await page.getByRole("button", { name: "Log in Tradejini own" }).click();
    await card(page, "tradejini-own").getByText("Ready").waitFor();
    const opened = context.waitForEvent("page");
    await page.getByRole("button", { name: "Log in Upstox default" }).click();
    const tab = await opened;
    await tab.waitForURL(`${kept.broker.url}/**`);
    await page.getByRole("link", { name: "Refresh" }).click();
    await card(page, "upstox-default").getByText("Waiting for you").waitFor();
    await page.getByRole("button", { name: "Leave this dashboard" }).click();
    await page.getByRole("heading", { name: "Not let in yet" }).waitFor();
  });

  it("says when the keeper does not answer any more", async () => {
    await using house = await startHouse();
    await using owner = await open(house.service);
    await owner.page.getByText("This page keeps itself up to date.").waitFor();
    await house.service.running.close();
    const notice = owner.page.getByRole("alert");
    await notice.getByText("The keeper does not answer.").waitFor();
    // Above what may be old, where it is seen without scrolling.
    expect((await notice.boundingBox())?.y).toBeLessThan(200);
    expect(await owner.page.getByText("This page keeps itself up to date.").isVisible()).toBe(false);
  });

  it.each(["phone", "desktop"] as const)(
    "has pages for a link that is spent and for no account yet (%s)",
    async (screen) => {
      await using house = await startHouse();
      await using owner = await open(house.service, { screen });
      await owner.examine(`dashboard-empty-${screen}`);
      expect(owner.problems).toEqual([]);
      await owner.page.goto(`${house.service.running.url}/open/spent`);
      await owner.page.getByRole("heading", { name: "This link does not open any more" }).waitFor();
      const problems: string[] = [];
      await examine(owner.page, `dashboard-spent-${screen}`, problems);
      expect(problems).toEqual([]);
    },
  );
});

describe("another web page (S-75)", () => {
  it("can neither read tokens nor press buttons, wherever it comes from", async () => {
    await using house = await startHouse();
    const { kept, service } = house;
    await service.keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    await service.keeper.login("upstox", { person: kept.person });
    await kept.person.done();
    await using owner = await open(service);
    const { context } = owner;
    // On another port of the same address: the same site for cookies, another origin for everything else.
    const stranger = await context.newPage();
    await stranger.goto(`${kept.broker.url}/health/ready`);
    const { url } = service.running;
    const results = await stranger.evaluate(async (base) => {
      const attempt = async (path: string, init: RequestInit) => {
        try {
          const answer = await fetch(base + path, { credentials: "include", ...init });
          return `${answer.type} ${answer.status}`;
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        await attempt("/v1/tokens/upstox/default", {}),
        await attempt("/v1/tokens/upstox/default", { headers: { authorization: "Bearer x" } }),
        await attempt("/accounts-now", {}),
        await attempt("/accounts/upstox/default/logout", { method: "POST", mode: "no-cors" }),
        await attempt("/v1/accounts/upstox/default/logout", { method: "POST", mode: "no-cors" }),
      ];
    }, url);
    // This Chromium may be one that hands scripts what other origins answer: the refusal is ours, not only the browser's.
    for (const result of results) expect(result).toMatch(/^(?:TypeError|opaque 0|\w+ 403)$/);
    expect((await service.ask("/v1/tokens/upstox/default")).status).toBe(200);
    const fromPages = service
      .log()
      .filter(({ door, method, route }) => door === "loopback" && (method === "POST" || route !== "/"));
    const answered = fromPages.filter(
      ({ route }) => /^\/(?:v1|accounts)/.test(String(route)) && route !== "/accounts-now",
    );
    expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([403]));
  });
});
