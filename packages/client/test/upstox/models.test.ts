import { createRequire } from "node:module";
import { UpstoxClient } from "@kunji/client";
import { describe, expect, it } from "vitest";
import {
  fundsBody,
  fundsV3Body,
  initTokenBody,
  notifierBody,
  profileBody,
  tokenBody,
  userIpBody,
} from "../samples/upstox.ts";

interface ModelClass {
  constructFromObject(data: object, obj?: object): object;
}

const stackTrace = [{ classLoaderName: "app", moduleName: "m", lineNumber: 7, nativeMethod: false }];
const suppressed = [{ stackTrace, message: "s", localizedMessage: "s" }];

/** Every model of protocol/upstox.md 9.5 with a wire body. */
const samples: Record<string, object> = {
  TokenRequest: { code: "c", client_id: "i", client_secret: "s", redirect_uri: "r", grant_type: "g" },
  TokenResponse: tokenBody,
  ProfileData: profileBody.data,
  GetProfileResponse: profileBody,
  LogoutResponse: { status: "success", data: true },
  IndieUserTokenRequest: { client_secret: "s" },
  IndieUserInitTokenResponse: initTokenBody,
  IndieUserInitTokenData: initTokenBody.data,
  GetUserFundMarginResponse: fundsBody,
  UserFundMarginData: fundsBody.data.equity as object,
  GetUserFundMarginV3Response: fundsV3Body,
  UserFundMarginV3Data: fundsV3Body.data,
  AvailableToTrade: fundsV3Body.data.available_to_trade,
  CashAvailableToTrade: fundsV3Body.data.available_to_trade.cash_available_to_trade,
  CashBreakdown: fundsV3Body.data.available_to_trade.cash_available_to_trade.cash,
  CashMarginUsed: fundsV3Body.data.available_to_trade.cash_available_to_trade.margin_used,
  PledgeMarginUsed: fundsV3Body.data.available_to_trade.pledge_available_to_trade.margin_used,
  Loss: { total: 1, realised: 2, unrealised: 3 },
  DeliveryMargin: { total: 1, equity: 2, fo_settlement: 3 },
  PledgeAvailableToTrade: fundsV3Body.data.available_to_trade.pledge_available_to_trade,
  MarginFromPledge: { total: 1, equity: 2, mutual_funds: 3 },
  UnavailableToTrade: fundsV3Body.data.unavailable_to_trade,
  CashUnavailableToTrade: fundsV3Body.data.unavailable_to_trade.cash_unavailable_to_trade,
  UnsettledProfit: { todays_profit: 1, previous_days: 2 },
  PledgeUnavailableToTrade: { equity: 1, mutual_funds: 2 },
  ApiGatewayErrorResponse: {
    status: "error",
    errors: [{ error_code: "U", message: "m", property_path: "p", invalid_value: 1 }],
  },
  Problem: { error_code: "U", message: "m", property_path: "p", invalid_value: 1 },
  OAuthClientException: { cause: { stackTrace, message: "c", suppressed }, stackTrace, message: "m", suppressed },
  OAuthClientExceptionCause: { stackTrace, message: "c", suppressed, localizedMessage: "c" },
  OAuthClientExceptionCauseStackTrace: stackTrace[0] as object,
  OAuthClientExceptionCauseSuppressed: suppressed[0] as object,
  UserIpResponse: userIpBody,
  UserIpResponseData: userIpBody.data,
  UpdateUserIpRequest: { primary_ip: "203.0.113.7", secondary_ip: "203.0.113.8" },
  NotifierMessage: notifierBody,
  UserIpFamilyMember: { user_id: "7KAB13", name: "Demo Customer 2" },
};
const ours = UpstoxClient as unknown as Record<string, ModelClass>;
const official = createRequire(import.meta.url)("upstox-js-sdk") as Record<string, ModelClass | undefined>;
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

describe.each(Object.entries(samples))("%s", (name, sample) => {
  it("is exported and made by constructFromObject", () => {
    const model = ours[name]?.constructFromObject(sample);
    expect(model?.constructor.name).toBe(name);
    expect(Object.keys(model ?? {})).toHaveLength(Object.keys(sample).length);
  });

  it("fills an instance that is handed in", () => {
    const made = ours[name]?.constructFromObject({}) as object;
    expect(ours[name]?.constructFromObject(sample, made)).toBe(made);
    expect(Object.keys(made)).not.toHaveLength(0);
  });
});

describe("the official JS SDK", () => {
  const shared = Object.entries(samples).filter(([name]) => official[name] !== undefined);

  it.each(shared)("has no property of %s that ours lacks", (name, sample) => {
    const theirs = plain(official[name]?.constructFromObject(sample) ?? {});
    expect(plain(ours[name]?.constructFromObject(sample) ?? {})).toMatchObject(theirs as object);
  });

  it("exports most of these models, so that the comparison means something", () => {
    expect(shared.length).toBeGreaterThan(25);
  });
});

describe("a model", () => {
  const make = (data: object): Record<string, unknown> => ({ ...UpstoxClient.ProfileData.constructFromObject(data) });

  it("keeps fields it does not know, values untouched", () => {
    expect(make({ kyc_status: { last_step: 3 }, NSE_EQ: 1, "x-y": 2, x_1: 3 })).toEqual({
      kycStatus: { last_step: 3 },
      NSE_EQ: 1,
      "x-y": 2,
      x1: 3,
    });
  });

  it("keeps null, and leaves absent what is absent", () => {
    expect(make({ email: null })).toEqual({ email: null });
    expect(UpstoxClient.GetProfileResponse.constructFromObject({ status: "success", data: null }).data).toBeNull();
  });

  it("takes values that no enumeration lists, and does not convert", () => {
    const response = UpstoxClient.IndieUserInitTokenResponse.constructFromObject({
      status: "partial_success",
      data: {},
    });
    expect(response.status).toBe("partial_success");
    expect(make({ order_types: ["GTT", 7], poa: "yes" })).toEqual({ orderTypes: ["GTT", 7], poa: "yes" });
  });

  it("takes a wrong type where an object belongs as it is", () => {
    expect(UpstoxClient.GetProfileResponse.constructFromObject({ data: "text" }).data).toBe("text");
    expect(UpstoxClient.GetUserFundMarginResponse.constructFromObject({ data: [1] }).data).toEqual([1]);
    expect(UpstoxClient.ApiGatewayErrorResponse.constructFromObject({ errors: {} }).errors).toEqual({});
  });

  it("never touches a prototype (S-103)", () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"polluted":1},"prototype":1,"email":"e"}');
    const model = UpstoxClient.ProfileData.constructFromObject(hostile);
    expect(Object.getPrototypeOf(model)).toBe(UpstoxClient.ProfileData.prototype);
    expect(model.constructor).toBe(UpstoxClient.ProfileData);
    expect(Object.keys(model)).toEqual(["email"]);
    const funds = UpstoxClient.GetUserFundMarginResponse.constructFromObject({ data: hostile });
    expect(Object.keys(funds.data)).toEqual(["email"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("the enumerations", () => {
  it("are those of the official SDK", () => {
    expect(UpstoxClient.TokenResponse.OrderTypesEnum.SL_M).toBe("SL-M");
    expect(UpstoxClient.LogoutResponse.StatusEnum.success).toBe("success");
    expect(UpstoxClient.IndieUserInitTokenResponse.StatusEnum.partialSuccess).toBe("partial_success");
  });
});
