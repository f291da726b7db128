import { TradejiniClient } from "@kunji/client";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { describe, expect, it } from "vitest";
import { startBrokerAnswering } from "../_broker.ts";
import { detailsBody, equityOrder, limits, limitsBody, logoutBody, ordersBody } from "../samples/tradejini.ts";

const { AccountApi, AuthorizationApi, Configuration, FundsApi, OrdersApi } = TradejiniClient;

const at = (host: string): TradejiniClient.Configuration => new Configuration({ host, accessToken: "key:token" });

describe("AccountApi", () => {
  it("gives the customer's details, unknown fields included", async () => {
    const broker = await startBrokerAnswering(200, { ...detailsBody, d: { ...detailsBody.d, kycStatus: "done" } });
    const { s, d } = await new AccountApi(at(broker.url)).getUserDetails();
    expect(s).toBe("ok");
    expect(d).toBeInstanceOf(TradejiniClient.ClientDetailsData);
    expect({ ...d }).toEqual({ ...detailsBody.d, kycStatus: "done" });
    expect(d.bankDetails?.[0]).toBeInstanceOf(TradejiniClient.BankDtls);
  });

  it("logs out", async () => {
    const broker = await startBrokerAnswering(200, logoutBody);
    const { d } = await new AccountApi(at(broker.url)).getLogoutWebResponse();
    expect(d.msg).toBe("Logged out successfully");
  });

  it("tells a callback as well", async () => {
    const broker = await startBrokerAnswering(200, detailsBody);
    const told = await new Promise<unknown[]>((resolve) => {
      new AccountApi(at(broker.url)).getUserDetails((...all) => resolve(all));
    });
    expect(told).toMatchObject([null, { d: { userId: "TJ00417" } }, { status: 200 }]);
  });
});

describe("FundsApi", () => {
  it.each([
    ["a list", [limits, { ...limits, segment: "MCX" }], 2],
    ["a single object", limits, 1],
    ["an empty list", [], 0],
  ])("gives limits as a list when the broker sends %s, and keeps what it sent", async (_name, d, count) => {
    const broker = await startBrokerAnswering(200, { s: "ok", d });
    const response = await new FundsApi(at(broker.url)).retrieveFundsLimits();
    expect(response.d).toHaveLength(count);
    for (const each of response.d) expect(each).toBeInstanceOf(TradejiniClient.LimitData);
    if (count > 0) expect({ ...response.d[0] }).toEqual(limits);
    expect(response.raw).toEqual(d);
    expect(JSON.parse(JSON.stringify(response))).toEqual({ s: "ok", d: Array.isArray(d) ? d : [d] });
  });

  it("gives an empty list when there is no data", async () => {
    const broker = await startBrokerAnswering(200, { s: "no-data", msg: "no-data" });
    expect(await new FundsApi(at(broker.url)).retrieveFundsLimits()).toMatchObject({ s: "no-data", d: [] });
  });
});

describe("OrdersApi", () => {
  it("gives the orders", async () => {
    const broker = await startBrokerAnswering(200, ordersBody);
    const { d } = await new OrdersApi(at(broker.url)).getOrders();
    expect(d[0]).toBeInstanceOf(TradejiniClient.OrderRecord);
    expect(d).toMatchObject([{ orderId: "1", status: "open", ...equityOrder }]);
  });

  it("gives an empty list when there are none", async () => {
    const broker = await startBrokerAnswering(200, { s: "no-data", msg: "No Data Available" });
    expect((await new OrdersApi(at(broker.url)).getOrders()).d).toEqual([]);
  });
});

/** Arguments for each operation of the contract. */
const calls: Record<keyof typeof tradejiniRoutes, readonly unknown[]> = {
  authorize: ["key", "https://desk.example.in/cb", "code", "general", "s"],
  getAccessToken: ["c", "key", "https://desk.example.in/cb", "s", "authorization_code"],
  orderAuthorize: ["key", "https://desk.example.in/cb", "code", "general", "s", [equityOrder]],
  updatedIndividualToken: ["Bearer key", "4417", "093182", "totp"],
  getUserDetails: [],
  getLogoutWebResponse: [],
  retrieveFundsLimits: [],
  getOrders: [],
};

describe.each(Object.values(tradejiniRoutes))("$id", (route) => {
  it("is a method that sends what the contract says", async () => {
    const broker = await startBrokerAnswering(200, limitsBody);
    const apis = [AuthorizationApi, AccountApi, FundsApi, OrdersApi].map((Api) => new Api(at(broker.url)));
    const api = apis.find((each) => route.id in each) as unknown as Record<string, (...args: unknown[]) => unknown>;
    await api[route.id]?.(...calls[route.id]);

    const [request] = broker.requests;
    expect(broker.requests).toHaveLength(1);
    expect(request?.method).toBe(route.method);
    expect(request?.url.split("?")[0]).toBe(route.path);
    const authorization = { none: undefined, secret: undefined, bearer: "Bearer key:token", "api-key": "Bearer key" };
    expect(request?.headers.authorization).toBe(authorization[route.auth]);
    expect(request?.headers["content-type"]).toBe("body" in route ? route.body.contentType : undefined);
  });
});
