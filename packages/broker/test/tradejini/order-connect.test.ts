import { randomBytes } from "node:crypto";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "../../src/clock.ts";
import { httpOrderGateway } from "../../src/orders/http-order-gateway.ts";
import type { OrderGateway } from "../../src/orders/order-gateway.ts";
import { lockAfterFailures } from "../../src/store/accounts.ts";
import { selectAll, selectOne } from "../../src/store/verb.ts";
import { setAppStatus } from "../_app-status.ts";
import { startTestServer } from "../store/_test-server.ts";
import { accessTokenOf, call, customerOf, exchange, expectError, formOf, getOrders, getPair, MORNING } from "./_api.ts";
import { brokenBaskets, equity, future, option } from "./_baskets.ts";
import { Login } from "./_login.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 40 });
});
beforeEach(() => broker.clock.advance(2));
afterAll(() => broker.close());

const orderConnect = (params: string | undefined, changes: Readonly<Record<string, string | undefined>> = {}) => {
  const { clientId, redirectUri } = broker.tradejini.userApp;
  const query = formOf({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "general",
    state: "",
    params,
    ...changes,
  });
  return call(broker, "GET", `${tradejiniRoutes.orderAuthorize.path}?${query}`);
};

const countRows = async (table: "attempts" | "baskets" | "orders") =>
  (await broker.server.parts.db.read(() => selectOne<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)))?.n;

let nextCustomer = 1;
const somebody = () => customerOf(broker, nextCustomer++);

/** The book of whoever just came back to the app. */
async function bookOf(login: Login): Promise<{ s: string; d?: Record<string, unknown>[] }> {
  const answer = await exchange(broker, login.callback.get("code") ?? "");
  expect(answer.status, answer.text).toBe(200);
  const pair = `${broker.tradejini.userApp.clientId}:${accessTokenOf(answer)}`;
  return (await getOrders(broker, pair)).json as { s: string; d?: Record<string, unknown>[] };
}

describe("GET /v2/api-gw/oauth/order-connect", () => {
  it("has forty kinds of broken baskets and more to refuse", () => {
    expect(Object.keys(brokenBaskets).length).toBeGreaterThanOrEqual(40);
  });

  it.each(Object.entries(brokenBaskets))("refuses a basket with %s before anybody logs in", async (_name, params) => {
    const before = [await countRows("attempts"), await countRows("baskets")];
    expectError(await orderConnect(params), "VALIDATION");
    expect([await countRows("attempts"), await countRows("baskets")]).toEqual(before);
  });

  it("refuses a request without params with 400", async () => {
    expectError(await orderConnect(undefined), "VALIDATION");
  });

  it.each([
    ["one of the five", { scope: undefined }, "VALIDATION"],
    ["an unknown app", { client_id: "0".repeat(32) }, "UNAUTHORIZED"],
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:7475/other" }, "UNAUTHORIZED"],
  ] as const)("keeps the rules of authorize, redirect URI included (S-61): %s", async (_name, changes, code) => {
    expectError(await orderConnect(JSON.stringify([equity]), changes), code);
  });

  it("refuses an app that may not place orders (S-25)", async () => {
    const changes = { client_id: broker.tradejini.individualApp.clientId };
    expectError(await orderConnect(JSON.stringify([equity]), changes), "UNAUTHORIZED");
  });

  it("refuses an address over 8 KiB", async () => {
    const answer = await orderConnect(`[${" ".repeat(9_000)}]`);
    expect([answer.status, answer.json]).toEqual([414, { s: "error", msg: "Bad request" }]);
  });

  it("takes thirty orders, if their address is short enough", async () => {
    const small = { ...equity, symbol: "A", limitPrice: 1 };
    const orders = Array.from({ length: 18 }, () => small);
    expect((await orderConnect(JSON.stringify(orders))).status).toBe(302);
  });
});

describe("a basket on the way to the book", () => {
  it("shows the three published orders exactly as stored, places them, and lists them newest first", async () => {
    broker.clock.freeze(MORNING);
    const person = somebody();
    const login = await Login.open(broker, { orders: [equity, future, option], state: "a b&c" });
    await login.toApproval(person);
    expect(login.heading).toBe("Place these 3 orders?");
    const text = login.page.html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
    expect(text).toContain("Buy 10 × ACC Exchange NSE Price limit ₹ 2700.55 Product intraday Validity day Series EQ");
    expect(text).toContain(
      "Sell 2000 × NIFTY 2022-11-24 Exchange NFO Price at market price Product intraday Validity ioc Instrument FUTIDX Disclosed quantity 500",
    );
    expect(text).toContain("Buy 1500 × BANKNIFTY 2022-11-24 34000 PE Exchange NFO Price at market price");
    expect(text).toContain("Market protection, % 5");
    expect(text).toContain("Demo Order Desk");
    expect(text).toContain("127.0.0.1:7475");

    const answer = await login.submit({ decision: "approve" });
    expect(answer.status).toBe(303);
    expect([...login.callback.keys()]).toEqual(["code", "state", "iss"]);
    expect(login.callback.get("state")).toBe("a b&c");
    const book = await bookOf(login);
    expect(book.s).toBe("ok");
    const state = { status: "open", fillQty: 0, orderTime: "25-11-2026 09:05:00", orderId: expect.any(String) };
    expect(book.d).toEqual([
      { ...option, ...state, pendingQty: 1500 },
      { ...future, ...state, pendingQty: 2000 },
      { ...equity, ...state, pendingQty: 10 },
    ]);
  });

  it("places nothing when the person denies", async () => {
    const person = somebody();
    const login = await Login.open(broker, { orders: [equity], state: "s" });
    await login.toApproval(person);
    expect(login.heading).toBe("Place this order?");
    await login.submit({ decision: "deny" });
    expect(Object.fromEntries(login.callback)).toEqual({
      error: "access_denied",
      state: "s",
      iss: `${broker.url}/tradejini`,
    });
    const pair = await getPair(broker, nextCustomer - 1);
    expect((await getOrders(broker, pair)).text).toBe('{"s":"no-data","msg":"no-data"}');
  });

  it("cannot be changed by what the browser sends (S-59)", async () => {
    const login = await Login.open(broker, { orders: [equity] });
    await login.toApproval(somebody());
    await login.submit({ decision: "approve", params: JSON.stringify([{ ...equity, qty: 1_000 }]), qty: "1000" });
    expect((await bookOf(login)).d).toMatchObject([{ symbol: "ACC", qty: 10 }]);
  });

  it("is placed once by fifty parallel approvals (S-60)", async () => {
    const login = await Login.open(broker, { orders: [equity, option] });
    await login.toApproval(somebody());
    const before = (await countRows("orders")) ?? 0;
    const form = { csrf: login.csrf, decision: "approve" };
    const path = login.path;
    const answers = await Promise.all(Array.from({ length: 50 }, () => login.browser.copy().post(path, form)));
    const out = answers.filter(({ location }) => location?.startsWith("http://127.0.0.1:7475/callback?code="));
    expect(out).toHaveLength(1);
    expect((await countRows("orders")) ?? 0).toBe(before + 2);
  });

  it("is either placed or denied when two tabs decide at once (S-58)", async () => {
    const login = await Login.open(broker, { orders: [equity] });
    await login.toApproval(somebody());
    const before = await countRows("orders");
    const twin = login.browser.copy();
    const deny = async () => {
      const { html } = await twin.get(login.path);
      const csrf = /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? "";
      return await twin.post(login.path, { csrf, decision: "deny" });
    };
    const approve = login.browser.post(login.path, { csrf: login.csrf, decision: "approve" });
    const told = (await Promise.all([approve, deny()])).map(
      ({ location }) => new URL(location ?? "", broker.url).searchParams,
    );
    const codes = told.filter((outcome) => outcome.has("code")).length;
    const errors = told.filter((outcome) => outcome.has("error")).length;
    expect([codes, errors]).toEqual((await countRows("orders")) === before ? [0, 1] : [1, 0]);
  });

  it("is placed once even when one basket is behind two logins", async () => {
    const { db } = broker.server.parts;
    const logins = [await Login.open(broker, { orders: [equity] }), await Login.open(broker, { orders: [equity] })];
    const person = somebody();
    for (const login of logins) await login.toApproval(person);
    // As if the same handle had been given out twice.
    const requests = await db.read(() =>
      selectAll<{ attempt_key: string; request: string }>(
        "SELECT attempt_key, request FROM attempts ORDER BY attempt_key DESC LIMIT 2",
      ),
    );
    await db.write(function* () {
      for (const { attempt_key } of requests) {
        yield* selectAll(
          "UPDATE attempts SET request = ? WHERE attempt_key = ?",
          requests[0]?.request ?? "",
          attempt_key,
        );
      }
    });
    const before = (await countRows("orders")) ?? 0;
    await Promise.all(logins.map((login) => login.submit({ decision: "approve" })));
    expect((await countRows("orders")) ?? 0).toBe(before + 1);
    expect(logins.map(({ heading }) => heading)).toContain("These orders were decided before");
  });

  it("is not placed for an app that was switched off meanwhile (S-24)", async () => {
    await using other = await startBroker();
    const login = await Login.open(other, { orders: [equity] });
    await login.toApproval(customerOf(other));
    await setAppStatus(other, other.tradejini.userApp.clientId, "inactive");
    await login.submit({ decision: "approve" });
    expect(login.heading).toBe("This app cannot be used now");
    const orders = await other.server.parts.db.read(() => selectAll("SELECT * FROM orders"));
    expect(orders).toEqual([]);
  });

  it("is not placed when another channel locked the account meanwhile (S-50)", async () => {
    const customer = somebody();
    const login = await (await Login.open(broker, { orders: [equity] })).toApproval(customer);
    const orders = await countRows("orders");
    const accountId = `tradejini:${customer.clientCode}`;
    await broker.server.parts.db.write(() => lockAfterFailures(accountId, 0, broker.clock.now()));
    await login.submit({ decision: "approve" });
    expect(login.page.location).toBeUndefined();
    expect(login.heading).toBe("Your account is locked");
    expect(await countRows("orders")).toBe(orders);
  });

  it("is not placed by an approval that comes before the second factor (S-34)", async () => {
    const login = await Login.open(broker, { orders: [equity] });
    const before = await countRows("orders");
    await login.submit({ decision: "approve" });
    await login.enterPassword(somebody());
    await login.submit({ decision: "approve" });
    expect(login.heading).toBe("Log in with your Tradejini account");
    expect(await countRows("orders")).toBe(before);
  });

  it("lists the orders of this IST day only", async () => {
    broker.clock.freeze(Date.parse("2026-11-26T23:59:30+05:30"));
    const login = await Login.open(broker, { orders: [equity] });
    await login.toApproval(somebody());
    await login.submit({ decision: "approve" });
    expect((await bookOf(login)).d).toHaveLength(1);
    broker.clock.freeze(Date.parse("2026-11-27T00:00:00+05:30"));
    const pair = await getPair(broker, nextCustomer - 1);
    expect((await getOrders(broker, pair)).json).toEqual({ s: "no-data", msg: "no-data" });
  });
});

describe("orders that are placed although the app gets no code", () => {
  const placedMeanwhile = async (meanwhile: (place: TestBroker) => Promise<void>) => {
    const place: OrderGateway["place"] = async ({ orders }) => {
      await meanwhile(other);
      return { outcome: "placed", orderIds: orders.map((_, line) => `N${line}`) };
    };
    const other = await startBroker({ orderGateway: { place } });
    const login = await Login.open(other, { orders: [equity] });
    await login.toApproval(customerOf(other));
    await login.submit({ decision: "approve" });
    return { other, login };
  };

  const expectPlaced = async (other: Pick<TestBroker, "server">, login: Login) => {
    expect(login.page.location).toBeUndefined();
    expect(login.heading).toBe("Your orders were placed");
    expect(login.page.html).toContain("Do not place them again");
    const { db } = other.server.parts;
    expect(await db.read(() => selectAll("SELECT order_id FROM orders"))).toEqual([{ order_id: "N0" }]);
    expect(await db.read(() => selectAll("SELECT state FROM baskets"))).toEqual([{ state: "placed" }]);
    expect(await db.read(() => selectAll("SELECT * FROM codes"))).toEqual([]);
  };

  it("are said to be placed when the app was switched off, and nobody is led to it", async () => {
    const { other, login } = await placedMeanwhile((place) =>
      setAppStatus(place, place.tradejini.userApp.clientId, "inactive"),
    );
    await using _ = other;
    await expectPlaced(other, login);
    expect(login.page.html).not.toContain("Go back to the app");
  });

  it("are said to be placed when another channel locked the account, and the app hears that it gets no code", async () => {
    const { other, login } = await placedMeanwhile(async (place) => {
      const accountId = `tradejini:${customerOf(place).clientCode}`;
      await place.server.parts.db.write(() => lockAfterFailures(accountId, 0, place.clock.now()));
    });
    await using _ = other;
    await expectPlaced(other, login);
    expect(login.page.html).toContain("error=server_error");
  });

  it("are said to be placed, and kept, when the clock was set back meanwhile (S-114)", async () => {
    const clock = new SettableClock();
    clock.freeze(MORNING);
    const place: OrderGateway["place"] = async ({ orders }) => {
      clock.advance(-7_200);
      return { outcome: "placed", orderIds: orders.map((_, line) => `N${line}`) };
    };
    const options = { database: "sqlite::memory:", masterKey: randomBytes(32), clock, orderGateway: { place } };
    await using other = await startTestServer(options);
    const login = await Login.open(other, { orders: [equity] });
    await login.toApproval(customerOf(other));
    await login.submit({ decision: "approve" });
    await expectPlaced(other, login);
  });
});

describe("a gateway of the operator's", () => {
  const approveWith = async (answer: () => Response | Promise<Response>) => {
    const sent: { headers: Headers; body: unknown }[] = [];
    const orderGateway = httpOrderGateway({
      url: new URL("https://gateway.test/orders"),
      credential: ["authorization", "Bearer t"],
      fetch: async (_url, init) => {
        sent.push({ headers: new Headers(init?.headers), body: JSON.parse(String(init?.body)) });
        return await answer();
      },
    });
    const other = await startBroker({ orderGateway });
    const login = await Login.open(other, { orders: [equity, option], state: "s" });
    await login.toApproval(customerOf(other));
    await login.submit({ decision: "approve" });
    return { other, login, sent };
  };

  it("gets the whole basket once, and names the orders", async () => {
    const { other, login, sent } = await approveWith(() => Response.json({ orderIds: ["A1", "A2"] }));
    await using _ = other;
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual({
      basketKey: sent[0]?.headers.get("idempotency-key"),
      dialect: "tradejini",
      userId: customerOf(other).clientCode,
      clientId: other.tradejini.userApp.clientId,
      orders: [equity, option],
    });
    const token = accessTokenOf(await exchange(other, login.callback.get("code") ?? ""));
    const book = await getOrders(other, `${other.tradejini.userApp.clientId}:${token}`);
    expect((book.json as { d: { orderId: string }[] }).d.map(({ orderId }) => orderId)).toEqual(["A2", "A1"]);
  });

  it("may take its time: the code lives from its answer on", async () => {
    const place: OrderGateway["place"] = async ({ orders }) => {
      slow.clock.advance(9);
      return { outcome: "placed", orderIds: orders.map((_, line) => `S${line}`) };
    };
    await using slow: TestBroker = await startBroker({ orderGateway: { place }, settings: { KUNJI_CODE_LIFETIME: 5 } });
    slow.clock.freeze(MORNING);
    const login = await Login.open(slow, { orders: [equity] });
    await login.toApproval(customerOf(slow));
    await login.submit({ decision: "approve" });
    expect((await exchange(slow, login.callback.get("code") ?? "")).status).toBe(200);
  });

  it.each([
    ["says no", () => new Response("no", { status: 422 }), "Your orders were not taken", "refused"],
    ["breaks", () => new Response("?", { status: 502 }), "We do not know about your orders", "unknown"],
    ["is silent", () => Promise.reject(new TypeError("fetch failed")), "We do not know about your orders", "unknown"],
  ] as const)("that %s leaves no code, no order, and a page that says so", async (_name, answer, heading, state) => {
    const { other, login, sent } = await approveWith(answer);
    await using _ = other;
    expect(sent).toHaveLength(1);
    expect(login.heading).toBe(heading);
    const back = /href="(http:\/\/127\.0\.0\.1:7475\/[^"]*)"/.exec(login.page.html)?.[1]?.replaceAll("&amp;", "&");
    const told = Object.fromEntries(new URL(back ?? "about:blank").searchParams);
    expect(told).toEqual({ error: "server_error", state: "s", iss: `${other.url}/tradejini` });
    const { db } = other.server.parts;
    expect(await db.read(() => selectAll("SELECT * FROM orders"))).toEqual([]);
    expect(await db.read(() => selectAll("SELECT state FROM baskets"))).toEqual([{ state }]);
    expect(await db.read(() => selectAll("SELECT * FROM codes"))).toEqual([]);
    await login.submit({ decision: "approve" });
    expect(sent, "and nothing sends it again").toHaveLength(1);
  });
});
