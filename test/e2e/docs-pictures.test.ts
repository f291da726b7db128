// Takes the pictures of docs/pictures. Writes them with: TAKE_PICTURES=1 npx vitest run test/e2e/docs-pictures.test.ts
import { writeFileSync } from "node:fs";
import { startBroker, type TestBroker, tradejiniAuthorizationUrl, upstoxAuthorizationUrl } from "@kunji/broker/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { futuresOrder } from "../../packages/client/test/samples/tradejini.ts";
import { fillDashboard, startDashboard } from "./_dashboard.ts";
import { SCREENS } from "./_person.ts";

const folder = new URL("../../docs/pictures/", import.meta.url);
const isWriting = process.env.TAKE_PICTURES === "1";
const MOST_BYTES = 150_000;

let broker: TestBroker;
let browser: Browser;
beforeAll(async () => {
  [broker, browser] = await Promise.all([startBroker({ customers: 4 }), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await broker.close();
});

beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
});

/** They stand until their picture is taken. */
const houses: AsyncDisposable[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house[Symbol.asyncDispose]();
});

const orders = [{ ...futuresOrder, expiry: "2026-12-29" }];

/** A page per picture, by file name: what is on it, on which screen, in which colours. */
const pictures: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  "login-mobile-phone-light": (page) => openDialog(page),
  "login-otp-desktop-light": (page) => openCodePage(page),
  async "login-pin-phone-dark"(page) {
    await openCodePage(page);
    await page.fill("#otpNum", (await broker.inbox())[0]?.otp ?? "");
    await page.click("#continueBtn");
    await page.waitForSelector("#pinCode");
  },
  async "inbox-desktop-light"(page) {
    await askForToken();
    await openCodePage(page);
    await page.goto(`${broker.url}/inbox`);
  },
  async "approval-phone-light"(page) {
    await askForToken();
    const link = (await broker.inbox()).find(({ kind }) => kind === "push")?.link ?? "";
    await page.goto(link);
  },
  async "order-approve-phone-light"(page) {
    await page.goto(tradejiniAuthorizationUrl(broker.url, broker.tradejini.userApp, { state: "picture", orders }));
    const [customer] = broker.tradejini.customers;
    await page.fill("#clientCode", customer?.clientCode ?? "");
    await page.fill("#password", customer?.password ?? "");
    await page.click("#continueBtn");
    await page.fill("#twoFa", broker.totpCode(customer?.totpSecret ?? ""));
    await page.click("#continueBtn");
    await page.waitForSelector("#approveBtn");
  },
  async "app-phone-light"(page) {
    await openCodePage(page, `${broker.url}/account`);
    await page.fill("#otpNum", (await broker.inbox())[0]?.otp ?? "");
    await page.click("#continueBtn");
    await page.fill("#pinCode", broker.upstox.customers[0]?.pin ?? "");
    await page.click("#pinContinueBtn");
    await page.waitForURL("**/account");
    await page.goto(`${broker.url}/account/apps/${broker.upstox.app.clientId}`);
  },
  "api-docs-desktop-dark": (page) => page.goto(`${broker.url}/docs`),
  "dashboard-desktop-light": openDashboard,
};

it.each(Object.entries(pictures))("%s", async (name, arrange) => {
  const screen = name.includes("-phone-") ? "phone" : "desktop";
  const context = await browser.newContext({
    viewport: SCREENS[screen],
    deviceScaleFactor: screen === "phone" ? 2 : 1,
    colorScheme: name.endsWith("-dark") ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await arrange(page);
  // Of the dashboard only the accounts: beneath them is the path of this machine's socket.
  const clip = name.startsWith("dashboard-") ? await upTo(page, "#upstox-family") : undefined;
  const picture = await page.screenshot({ caret: "hide", ...(clip && { clip, fullPage: true }) });
  expect(picture.length).toBeLessThan(MOST_BYTES);
  if (isWriting) writeFileSync(new URL(`${name}.png`, folder), picture);
  await context.close();
});

/** The keeper's page, with a login at each broker behind it. */
async function openDashboard(page: Page): Promise<void> {
  const house = await startDashboard();
  houses.push(house);
  await fillDashboard(house);
  await page.goto(house.service.running.createDashboardLink());
  await page.getByText("2 of 4 ready.").waitFor();
  await page.getByText("Approve it on your phone").waitFor();
}

/** The part of a page that ends a little below an element. */
async function upTo(page: Page, selector: string) {
  const box = await page.locator(selector).boundingBox();
  return { x: 0, y: 0, width: SCREENS.desktop.width, height: Math.round((box?.y ?? 0) + (box?.height ?? 0) + 24) };
}

async function openDialog(page: Page): Promise<void> {
  await page.goto(upstoxAuthorizationUrl(broker.url, broker.upstox.app, { state: "picture" }));
}

async function openCodePage(page: Page, address?: string): Promise<void> {
  if (address === undefined) await openDialog(page);
  else await page.goto(address);
  await page.fill("#mobileNum", broker.upstox.customers[0]?.mobileNumber ?? "");
  await page.click("#getOtp");
  await page.waitForSelector("#otpNum");
}

async function askForToken(): Promise<void> {
  const { clientId, clientSecret } = broker.upstox.app;
  const response = await fetch(`${broker.url}/v3/login/auth/token/request/${clientId}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_secret: clientSecret }),
  });
  expect(response.status).toBe(200);
}
