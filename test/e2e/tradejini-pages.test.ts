/** A real Chromium walks the Tradejini login pages as a customer does, with orders and without. */
import { startBroker, type TestBroker, type TradejiniDemoCustomer } from "@kunji/broker/testing";
import { TradejiniClient } from "@kunji/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser } from "../../packages/broker/test/pages/_browser.ts";
import { equityOrder, futuresOrder, optionsOrder } from "../../packages/client/test/samples/tradejini.ts";
import { type AppServer, startAppServer } from "./_app-server.ts";
import { authenticatorCode } from "./_authenticator.ts";
import { meetPerson, type PersonOptions } from "./_person.ts";
import {
  APPROVE,
  askForSms,
  CODE,
  giveCode,
  givePassword,
  LOGIN,
  openLogin,
  reachApproval,
} from "./_tradejini-login.ts";

const orders = [equityOrder, futuresOrder, optionsOrder];
const ORDERS = "Place these 3 orders?";

let app: AppServer;
let broker: TestBroker;
let browser: Browser;
let customer: TradejiniDemoCustomer;
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
  [customer] = broker.tradejini.customers as [TradejiniDemoCustomer];
});

const meet = (options?: PersonOptions) => meetPerson({ browser, broker, app }, options);

/** Exchanges the callback's code. @returns a client that holds the session */
async function sessionOf(callback: Readonly<Record<string, string>>): Promise<TradejiniClient.ApiClient> {
  const client = new TradejiniClient.ApiClient(new TradejiniClient.Configuration({ host: broker.url }));
  const { clientId, clientSecret, redirectUri } = broker.tradejini.userApp;
  const exchange = { code: callback.code ?? "", clientId, clientSecret, redirectUri };
  const session = await new TradejiniClient.AuthorizationApi(client).exchangeCode(exchange);
  client.configuration.accessToken = session.bearer;
  return client;
}

async function userOf(callback: Readonly<Record<string, string>>): Promise<string | undefined> {
  return (await new TradejiniClient.AccountApi(await sessionOf(callback)).getUserDetails()).d.userId;
}

async function ordersOf(client: TradejiniClient.ApiClient): Promise<readonly TradejiniClient.OrderRecord[]> {
  return (await new TradejiniClient.OrdersApi(client).getOrders()).d;
}

/** The orders of this customer, seen by a login of its own. */
async function placedOrders(): Promise<readonly TradejiniClient.OrderRecord[]> {
  const { code = "" } = await broker.login("tradejini");
  return await ordersOf(await sessionOf({ code }));
}

function countPosts(): number {
  return broker.requests().filter(({ method, path }) => method === "POST" && path.startsWith("/login/")).length;
}

describe("a login with the SMS code", () => {
  it.each([
    { screen: "phone", colorScheme: "light" },
    { screen: "phone", colorScheme: "dark" },
    { screen: "desktop", colorScheme: "light" },
    { screen: "desktop", colorScheme: "dark" },
  ] as const)("arrives at the app: $screen, $colorScheme", async (options) => {
    await using person = await meet(options);
    await openLogin(person, "a b&c=d");
    await person.sees(LOGIN);
    await person.examine();
    await givePassword(person, customer.clientCode, customer.password);
    await person.sees(CODE);
    await person.examine();
    const code = await askForSms(person, customer);
    await person.examine();
    await giveCode(person, code, "SMS");
    await person.sees(APPROVE);
    // What the person agrees to: which app, and where the browser goes next (S-58).
    expect(await person.page.locator("#consent").textContent()).toContain("Demo Order Desk will be able to");
    expect(await person.page.locator("#consent .host").textContent()).toBe(new URL(app.origin).host);
    await person.examine();
    await person.page.click("#approveBtn");
    const callback = await person.arrives();
    expect(callback).toEqual({ code: expect.any(String), state: "a b&c=d", iss: `${broker.url}/tradejini` });
    expect(await userOf(callback)).toBe(customer.clientCode);
    expect(person.problems).toEqual([]);
  });

  it("works without JavaScript", async () => {
    await using person = await meet({ javaScript: false });
    await reachApproval(person, customer);
    await person.page.click("#approveBtn");
    expect(await userOf(await person.arrives())).toBe(customer.clientCode);
    expect(person.problems).toEqual([]);
  });
});

describe("a login with an authenticator app", () => {
  it("arrives at the app by keyboard alone, and a code works once (S-45)", async () => {
    await using person = await meet({ screen: "phone" });
    const { keyboard } = person.page;
    broker.clock.freeze(broker.clock.now());
    const code = authenticatorCode(customer.totpSecret, broker.clock.now());
    await openLogin(person, "s");
    // The first field has the focus; Enter sends the form. Client codes are typed as people like.
    await person.page.locator("#clientCode:focus").waitFor();
    await keyboard.type(customer.clientCode.toLowerCase());
    await keyboard.press("Tab");
    await keyboard.type(customer.password);
    await keyboard.press("Enter");
    await person.page.locator("#twoFa:focus").waitFor();
    await keyboard.type(code);
    await keyboard.press("Enter");
    await person.sees(APPROVE);
    // Past the link to the inbox.
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    expect(await person.page.locator(":focus").getAttribute("id")).toBe("approveBtn");
    await keyboard.press("Enter");
    expect(await userOf(await person.arrives())).toBe(customer.clientCode);

    await openLogin(person, "again");
    await givePassword(person, customer.clientCode, customer.password);
    await person.sees(CODE);
    await giveCode(person, code, "Authenticator app");
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("That code is not right or no longer valid");
    expect(person.problems).toEqual([]);
  });
});

describe("wrong input", () => {
  it("is explained, and the right one then goes on", async () => {
    await using person = await meet();
    await openLogin(person, "s");
    await givePassword(person, customer.clientCode, `${customer.password}x`);
    await person.page.locator("#notice").waitFor();
    expect(await person.notice()).toContain("Client code or password is not right");
    expect(await person.page.title()).toMatch(/^Error: /);
    await person.examine();
    await givePassword(person, customer.clientCode, customer.password);
    await person.sees(CODE);
    const code = await askForSms(person, customer);
    await giveCode(person, code === "111111" ? "222222" : "111111", "SMS");
    await person.page.locator(".notice.error").waitFor();
    expect(await person.notice()).toContain("That code is not right or no longer valid");
    await person.examine();
    // The right code under the wrong name is wrong too.
    await giveCode(person, code, "Authenticator app");
    await person.page.locator(".notice.error").waitFor();
    await giveCode(person, code, "SMS");
    await person.sees(APPROVE);
    await person.page.click("#approveBtn");
    expect(await userOf(await person.arrives())).toBe(customer.clientCode);
    expect(person.problems).toEqual([]);
  });

  it("of the app ends on a page that says so, and never goes back to it (S-05)", async () => {
    await using person = await meet({ expectedStatuses: [401] });
    const { clientId, redirectUri } = broker.tradejini.userApp;
    for (const wrong of [{ clientId: "0".repeat(32) }, { redirectUri: `${redirectUri}/other` }]) {
      const where = { clientId, redirectUri, state: "s", host: broker.url, ...wrong };
      const answer = await person.page.goto(TradejiniClient.authorizationUrl(where));
      expect(answer?.status()).toBe(401);
      expect(new URL(person.page.url()).origin).toBe(broker.url);
      await person.examine();
    }
    expect(person.problems).toEqual([]);
  });
});

describe("saying no", () => {
  it.each(["password", "code", "approval"] as const)("at the %s tells the app, and leaves no code", async (step) => {
    await using person = await meet();
    if (step === "approval") await reachApproval(person, customer);
    else await openLogin(person, "state-1");
    if (step === "code") {
      await givePassword(person, customer.clientCode, customer.password);
      await person.sees(CODE);
    }
    await person.page.getByRole("button", { name: step === "approval" ? "Don't allow" : "Cancel" }).click();
    const callback = await person.arrives();
    expect(callback).toEqual({ error: "access_denied", state: "state-1", iss: `${broker.url}/tradejini` });
    expect(person.problems).toEqual([]);
  });
});

describe("order-connect", () => {
  it.each([
    { screen: "phone", colorScheme: "light" },
    { screen: "desktop", colorScheme: "dark" },
  ] as const)("shows the three documented orders and places them: $screen, $colorScheme", async (options) => {
    await using person = await meet(options);
    await reachApproval(person, customer, { orders });
    await person.sees(ORDERS);
    const lines = person.page.getByRole("list", { name: "Orders" }).getByRole("listitem");
    const shown = (await lines.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());
    expect(shown).toEqual([
      "Buy 10 × ACC Exchange NSE Price limit ₹ 2700.55 Product intraday Validity day Series EQ Instrument EQT",
      "Sell 2000 × NIFTY 2022-11-24 Exchange NFO Price at market price Product intraday Validity ioc Instrument FUTIDX Disclosed quantity 500",
      "Buy 1500 × BANKNIFTY 2022-11-24 34000 PE Exchange NFO Price at market price Product delivery Validity day Instrument OPTIDX Market protection, % 5",
    ]);
    // What decides is on the server: the form carries its token and the decision only (S-59).
    expect(await person.page.locator("main form input:not([name=csrf])").count()).toBe(0);
    await person.examine();
    await person.page.getByRole("button", { name: "Place all orders and allow access" }).click();
    const callback = await person.arrives();
    expect(callback).toEqual({ code: expect.any(String), state: "state-1", iss: `${broker.url}/tradejini` });
    const placed = await ordersOf(await sessionOf(callback));
    expect(placed).toHaveLength(3);
    for (const order of orders) expect(placed).toContainEqual(expect.objectContaining({ ...order, status: "open" }));
    expect(person.problems).toEqual([]);
  });

  it("places none when the person says no", async () => {
    await using person = await meet();
    await reachApproval(person, customer, { orders });
    await person.sees(ORDERS);
    await person.page.getByRole("button", { name: "Place nothing" }).click();
    expect(await person.arrives()).toEqual({
      error: "access_denied",
      state: "state-1",
      iss: `${broker.url}/tradejini`,
    });
    expect(await placedOrders()).toEqual([]);
    expect(person.problems).toEqual([]);
  });

  it("refuses a broken basket before anybody logs in", async () => {
    await using person = await meet({ expectedStatuses: [400] });
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const where = { clientId, redirectUri, state: "s", host: broker.url };
    const url = new URL(TradejiniClient.orderAuthorizationUrl({ ...where, orders: [equityOrder] }));
    url.searchParams.set("params", JSON.stringify([equityOrder, { ...futuresOrder, side: "SELL" }]));
    const answer = await person.page.goto(url.href);
    expect(answer?.status()).toBe(400);
    expect(await person.page.locator("input").count()).toBe(0);
    await person.examine();
    expect(person.problems).toEqual([]);
  });
});

describe("reload and back", () => {
  it("at each step show where the login stands, send nothing, and place the orders once (S-41)", async () => {
    await using person = await meet({ expectedStatuses: [400] });
    const steps: readonly (readonly [heading: string, take: () => Promise<void>])[] = [
      [LOGIN, () => openLogin(person, "state-1", orders)],
      [CODE, () => givePassword(person, customer.clientCode, customer.password)],
      [ORDERS, async () => giveCode(person, await askForSms(person, customer), "SMS")],
    ];
    await person.page.goto(`${app.origin}/start`);
    for (const [index, [heading, take]] of steps.entries()) {
      await take();
      await person.sees(heading);
      const posts = countPosts();
      await person.page.reload();
      await person.sees(heading);
      if (index > 0) {
        await person.page.goBack();
        await person.sees(heading);
      }
      expect(countPosts()).toBe(posts);
    }
    await person.page.click("#approveBtn");
    const client = await sessionOf(await person.arrives());
    await person.page.goBack();
    await person.page.locator("h1").waitFor();
    expect(await person.page.locator("#approveBtn").count()).toBe(0);
    await person.examine();
    await person.page.goForward();
    await person.arrives();
    expect(await ordersOf(client)).toHaveLength(3);
    expect(person.problems).toEqual([]);
  });

  it("a double click on the approval places the orders once and arrives", async () => {
    await using person = await meet();
    await reachApproval(person, customer, { orders });
    await person.page.dblclick("#approveBtn");
    const client = await sessionOf(await person.arrives());
    expect(await ordersOf(client)).toHaveLength(3);
    expect(person.problems).toEqual([]);
  });
});
