import { upstoxRoutes } from "@kunji/contract/upstox";
import type { CallOptions } from "../api-client.ts";
import { type ApiCallback, requireArgument, splitArguments } from "../callback-style.ts";
import { toWireObject } from "../wire-names.ts";
import { ApiClient } from "./api-client.ts";
import { GetUserFundMarginResponse, GetUserFundMarginV3Response } from "./models/funds.ts";
import { GetProfileResponse, type UpdateUserIpRequestInit, UserIpResponse } from "./models/user.ts";
import { callOperation } from "./operation.ts";

export interface UserFundMarginOptions extends CallOptions {
  /** `SEC` (equity) or `COM` (commodity); both when absent. */
  segment?: string | undefined;
}

/**
 * Profile, funds and static IPs of the account whose token the client holds. Every method returns a promise and takes
 * an optional last callback `(error, data, response)`; a missing argument throws at once.
 */
export class UserApi {
  apiClient: ApiClient;

  /** @param apiClient the client to call with; `ApiClient.instance` by default */
  constructor(apiClient: ApiClient = ApiClient.instance) {
    this.apiClient = apiClient;
  }

  /** Who the token belongs to. */
  getProfile(
    apiVersion: string,
    opts?: CallOptions | ApiCallback<GetProfileResponse> | null,
    callback?: ApiCallback<GetProfileResponse> | null,
  ): Promise<GetProfileResponse> {
    requireArgument(apiVersion, "apiVersion", "getProfile");
    const { options, callback: done } = splitArguments(opts, callback);
    const headers = { "Api-Version": apiVersion };
    return callOperation(this.apiClient, upstoxRoutes.getProfile, { headers }, GetProfileResponse, done, options);
  }

  /**
   * Funds by segment, in rupees. Since 2025-07-19 `data.equity` holds both segments' money.
   * @throws ClosedForTheNightException from 00:00 to 05:30 IST
   */
  getUserFundMargin(
    apiVersion: string,
    opts?: UserFundMarginOptions | ApiCallback<GetUserFundMarginResponse> | null,
    callback?: ApiCallback<GetUserFundMarginResponse> | null,
  ): Promise<GetUserFundMarginResponse> {
    requireArgument(apiVersion, "apiVersion", "getUserFundMargin");
    const { options, callback: done } = splitArguments(opts, callback);
    return callOperation(
      this.apiClient,
      upstoxRoutes.getUserFundMargin,
      { query: { segment: options.segment }, headers: { "Api-Version": apiVersion } },
      GetUserFundMarginResponse,
      done,
      options,
    );
  }

  /**
   * Funds of all segments in detail, in rupees.
   * @throws ClosedForTheNightException from 00:00 to 05:30 IST
   */
  getUserFundMarginV3(
    opts?: CallOptions | ApiCallback<GetUserFundMarginV3Response> | null,
    callback?: ApiCallback<GetUserFundMarginV3Response> | null,
  ): Promise<GetUserFundMarginV3Response> {
    const { options, callback: done } = splitArguments(opts, callback);
    const route = upstoxRoutes.getUserFundMarginV3;
    return callOperation(this.apiClient, route, {}, GetUserFundMarginV3Response, done, options);
  }

  /** The static IPs of the account. */
  getUserIps(
    opts?: CallOptions | ApiCallback<UserIpResponse> | null,
    callback?: ApiCallback<UserIpResponse> | null,
  ): Promise<UserIpResponse> {
    const { options, callback: done } = splitArguments(opts, callback);
    return callOperation(this.apiClient, upstoxRoutes.getUserIps, {}, UserIpResponse, done, options);
  }

  /**
   * Changes the static IPs: once a calendar week, and every token of the account dies.
   * @param body in either spelling; the wire is snake_case, which the official SDK gets wrong
   */
  updateUserIp(
    body: UpdateUserIpRequestInit,
    opts?: CallOptions | ApiCallback<UserIpResponse> | null,
    callback?: ApiCallback<UserIpResponse> | null,
  ): Promise<UserIpResponse> {
    requireArgument(body, "body", "updateUserIp");
    const { options, callback: done } = splitArguments(opts, callback);
    const json = toWireObject(body);
    return callOperation(this.apiClient, upstoxRoutes.updateUserIp, { json }, UserIpResponse, done, options);
  }
}
