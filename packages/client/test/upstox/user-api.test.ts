import { UpstoxClient } from "@kunji/client";
import { describe, expect, expectTypeOf, it } from "vitest";
import { startBrokerAnswering } from "../_broker.ts";
import { errorBody, fundsBody, fundsV3Body, profileBody, userIpBody } from "../samples/upstox.ts";

function userApi(host: string): UpstoxClient.UserApi {
  const configuration = new UpstoxClient.Configuration({ host, accessToken: "the-token" });
  return new UpstoxClient.UserApi(new UpstoxClient.ApiClient(configuration));
}

describe("UserApi.getProfile", () => {
  it("sends the token and gives the profile, ddpi included", async () => {
    const broker = await startBrokerAnswering(200, profileBody);
    const profile = await userApi(broker.url).getProfile("2.0");
    expect(profile).toBeInstanceOf(UpstoxClient.GetProfileResponse);
    expect(profile.data).toBeInstanceOf(UpstoxClient.ProfileData);
    expect(profile.data).toMatchObject({ userId: "7KAB12", userName: "Demo Customer 1", ddpi: true, isActive: true });
    expectTypeOf(profile.data.exchanges).toEqualTypeOf<string[]>();
    const [request] = broker.requests;
    expect(request).toMatchObject({ method: "GET", url: "/v2/user/profile", body: "" });
    expect(request?.headers).toMatchObject({ authorization: "Bearer the-token", "api-version": "2.0" });
  });

  it("keeps its connection for the next call", async () => {
    const broker = await startBrokerAnswering(200, profileBody);
    const api = userApi(broker.url);
    for (let i = 0; i < 3; i++) await api.getProfile("2.0");
    expect(broker.requests).toHaveLength(3);
    expect(broker.connections()).toBe(1);
  });
});

describe("UserApi.getUserFundMargin", () => {
  it.each([
    [undefined, "/v2/user/get-funds-and-margin"],
    [null, "/v2/user/get-funds-and-margin"],
    [{ segment: "SEC" }, "/v2/user/get-funds-and-margin?segment=SEC"],
  ])("with options %j asks %s", async (opts, url) => {
    const broker = await startBrokerAnswering(200, fundsBody);
    const funds = await userApi(broker.url).getUserFundMargin("2.0", opts);
    expect(broker.requests[0]?.url).toBe(url);
    expect(funds.data.equity).toBeInstanceOf(UpstoxClient.UserFundMarginData);
    expect(funds.data.equity?.availableMargin).toBe(37150.25);
    expect(funds.data.commodity?.usedMargin).toBe(0);
  });

  it("takes a callback in place of the options", async () => {
    const broker = await startBrokerAnswering(200, fundsBody);
    const data = await new Promise((resolve) => {
      userApi(broker.url).getUserFundMargin("2.0", (_error, funds) => resolve(funds));
    });
    expect(data).toBeInstanceOf(UpstoxClient.GetUserFundMarginResponse);
  });
});

describe("UserApi.getUserFundMarginV3", () => {
  it("gives the whole tree as models", async () => {
    const broker = await startBrokerAnswering(200, fundsV3Body);
    const { data } = await userApi(broker.url).getUserFundMarginV3();
    expect(broker.requests[0]).toMatchObject({ method: "GET", url: "/v3/user/get-funds-and-margin" });
    expect(broker.requests[0]?.headers["api-version"]).toBeUndefined();
    expect(data.availableToTrade.pledgeAvailableToTrade.total).toBe(10000);
    expect(data.availableToTrade.cashAvailableToTrade.cash.withdrawnToday).toBe(-1000);
    expect(data.availableToTrade.cashAvailableToTrade.marginUsed.loss).toBeInstanceOf(UpstoxClient.Loss);
    expect(data.availableToTrade.pledgeAvailableToTrade.marginUsed.deliveryMargin.foSettlement).toBe(0);
    expect(data.unavailableToTrade.cashUnavailableToTrade.unsettledProfit.todaysProfit).toBe(320);
  });

  it("says when funds open again (423)", async () => {
    const text = "The Funds service is accessible from 5:30 AM to 12:00 AM IST daily";
    const broker = await startBrokerAnswering(423, errorBody("UDAPI100072", text), {
      Date: "Tue, 24 Nov 2026 20:00:00 GMT",
    });
    const error = await userApi(broker.url)
      .getUserFundMarginV3()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UpstoxClient.ClosedForTheNightException);
    // 01:30 IST on the 25th by the server's clock: open at 05:30 IST.
    expect(error).toMatchObject({ reopensAt: Date.parse("2026-11-25T05:30:00+05:30") / 1000, code: "UDAPI100072" });
  });
});

describe("UserApi static IPs", () => {
  it("reads them, null stays null", async () => {
    const broker = await startBrokerAnswering(200, userIpBody);
    const { data } = await userApi(broker.url).getUserIps();
    expect(broker.requests[0]).toMatchObject({ method: "GET", url: "/v2/user/ip" });
    expect(data).toMatchObject({ userId: "7KAB12", primaryIp: "203.0.113.7", secondaryIp: null });
    expect(data.primaryIpFamilyMembers?.[0]).toBeInstanceOf(UpstoxClient.UserIpFamilyMember);
    expect(data.primaryIpFamilyMembers?.[0]?.userId).toBe("7KAB13");
  });

  const model = new UpstoxClient.UpdateUserIpRequest();
  model.primaryIp = "203.0.113.7";
  it.each([
    ["the model", model, '{"primary_ip":"203.0.113.7"}'],
    ["camelCase", { primaryIp: "203.0.113.7", secondaryIp: null }, '{"primary_ip":"203.0.113.7","secondary_ip":null}'],
    ["snake_case", { primary_ip: "203.0.113.7" }, '{"primary_ip":"203.0.113.7"}'],
  ])("updates them from %s in snake_case", async (_name, body, sent) => {
    const broker = await startBrokerAnswering(200, {
      ...userIpBody,
      data: { ...userIpBody.data, access_tokens_invalidated: true },
    });
    const { data } = await userApi(broker.url).updateUserIp(body);
    expect(broker.requests[0]).toMatchObject({ method: "PUT", url: "/v2/user/ip", body: sent });
    expect(broker.requests[0]?.headers["content-type"]).toBe("application/json");
    expect(data.accessTokensInvalidated).toBe(true);
  });
});

describe("a missing argument", () => {
  const api = userApi("http://127.0.0.1:1") as unknown as Record<string, (...args: unknown[]) => unknown>;

  it.each([
    ["getProfile", "apiVersion"],
    ["getUserFundMargin", "apiVersion"],
    ["updateUserIp", "body"],
  ])("%s throws at once for %s", (operation, missing) => {
    expect(() => api[operation]?.()).toThrow(
      new Error(`Missing the required parameter '${missing}' when calling ${operation}`),
    );
  });
});

describe("sandbox mode", () => {
  it("throws before sending", () => {
    const api = new UpstoxClient.UserApi(new UpstoxClient.ApiClient(true));
    for (const call of [() => api.getProfile("2.0"), () => api.getUserFundMarginV3(), () => api.getUserIps()]) {
      expect(call).toThrow("This API is not available in sandbox mode.");
    }
  });
});
