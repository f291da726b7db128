/** A real Chromium goes through order-connect as a customer does. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startBroker, type TestBroker, tradejiniAuthorizationUrl } from "@kunji/broker/testing";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../pages/_browser.ts";
import { accessTokenOf, customerOf, exchange, getOrders } from "./_api.ts";
import { equity, future, option } from "./_baskets.ts";
import { newestCode } from "./_login.ts";

let app: Server;
let broker: TestBroker;
let browser: Browser;
beforeAll(async () => {
  app = createServer((_request, response) => response.end("back at the app"));
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const redirectUri = `http://127.0.0.1:${(app.address() as AddressInfo).port}/callback`;
  [broker, browser] = await Promise.all([startBroker({ redirectUri }), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await broker.close();
  app.closeAllConnections();
  app.close();
});

async function logIn(page: Page, index: number): Promise<void> {
  const customer = customerOf(broker, index);
  await page.getByLabel("Client code").fill(customer.clientCode);
  await page.getByLabel("Password or CubePlus PIN").fill(customer.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Send me a code by SMS" }).click();
  await page.getByText("A code is on its way").waitFor();
  expect(await page.getByLabel("SMS", { exact: true }).isChecked(), "what was asked for is chosen").toBe(true);
  await page.getByLabel("6-digit code").fill(await newestCode(broker, customer));
  await page.getByRole("button", { name: "Continue" }).click();
}

describe.each([
  ["phone", { width: 360, height: 740 }, "light", true],
  ["desktop", { width: 1280, height: 800 }, "dark", false],
] as const)("order-connect on a %s", (_name, viewport, colorScheme, javaScriptEnabled) => {
  it("shows the three published orders and places them", async () => {
    const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
    const page = await context.newPage();
    const orders = [equity, future, option];
    await page.goto(tradejiniAuthorizationUrl(broker.url, broker.tradejini.userApp, { orders, state: "s" }));
    await logIn(page, javaScriptEnabled ? 0 : 1);
    await page.getByRole("heading", { name: "Place these 3 orders?" }).waitFor();
    expect(await page.getByRole("listitem").filter({ hasText: "BANKNIFTY 2022-11-24 34000 PE" }).count()).toBe(1);
    const isTooWide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
    expect(isTooWide, "nothing sticks out").toBe(false);
    await page.getByRole("button", { name: "Place all orders and allow access" }).click();
    await page.getByText("back at the app").waitFor();
    const code = new URL(page.url()).searchParams.get("code") ?? "";
    const pair = `${broker.tradejini.userApp.clientId}:${accessTokenOf(await exchange(broker, code))}`;
    expect(((await getOrders(broker, pair)).json as { d: unknown[] }).d).toHaveLength(3);
    await context.close();
  });
});

it("chooses the kind of code by keyboard and by click", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(tradejiniAuthorizationUrl(broker.url, broker.tradejini.userApp, {}));
  await page.getByLabel("Client code").fill(customerOf(broker, 2).clientCode);
  await page.getByLabel("Password or CubePlus PIN").fill(customerOf(broker, 2).password);
  await page.keyboard.press("Enter");
  const [totp, sms] = [page.getByLabel("Authenticator app"), page.getByLabel("SMS", { exact: true })];
  expect(await totp.isChecked()).toBe(true);
  await sms.check();
  expect(await totp.isChecked()).toBe(false);
  await page.keyboard.press("ArrowLeft");
  expect(await totp.isChecked()).toBe(true);
  await context.close();
});
