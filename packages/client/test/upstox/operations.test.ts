import { UpstoxClient } from "@kunji/client";
import { upstoxRoutes } from "@kunji/contract/upstox";
import { describe, expect, it } from "vitest";
import { startBrokerAnswering } from "../_broker.ts";

/** Arguments for each operation of the contract. */
const calls: Record<keyof typeof upstoxRoutes, readonly unknown[]> = {
  authorize: ["key", "https://desk.example.in/cb", "2.0"],
  token: ["2.0", { code: "c" }],
  logout: ["2.0"],
  initTokenRequestForIndieUser: [{ clientSecret: "s" }, "key"],
  getProfile: ["2.0"],
  getUserFundMargin: ["2.0", null],
  getUserFundMarginV3: [],
  getUserIps: [],
  updateUserIp: [{ primaryIp: "203.0.113.7" }],
};

describe.each(Object.values(upstoxRoutes))("$id", (route) => {
  it("is a method that sends what the contract says", async () => {
    const broker = await startBrokerAnswering(200, { status: "success", data: {} });
    const configuration = new UpstoxClient.Configuration({ host: broker.url, accessToken: "the-token" });
    const client = new UpstoxClient.ApiClient(configuration);
    const apis = [new UpstoxClient.LoginApi(client), new UpstoxClient.UserApi(client)];
    const api = apis.find((each) => route.id in each) as unknown as Record<string, (...args: unknown[]) => unknown>;
    await api[route.id]?.(...calls[route.id]);

    const [request] = broker.requests;
    expect(broker.requests).toHaveLength(1);
    expect(request?.method).toBe(route.method);
    expect(request?.url.split("?")[0]).toBe(route.path.replace("{client_id}", "key"));
    expect(request?.headers.authorization).toBe(route.auth === "bearer" ? "Bearer the-token" : undefined);
    expect(request?.headers["content-type"]).toBe("body" in route ? route.body.contentType : undefined);
    const takesVersion = ["authorize", "token", "logout", "getProfile", "getUserFundMargin"].includes(route.id);
    expect(request?.headers["api-version"]).toBe(takesVersion ? "2.0" : undefined);
  });
});
