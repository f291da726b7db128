import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { CallOptions } from "../api-client.ts";
import { type ApiCallback, splitArguments } from "../callback-style.ts";
import { loginLimits } from "../operation.ts";
import { type ApiClient, clientOf } from "./api-client.ts";
import type { Configuration } from "./configuration.ts";
import { GetLogoutWebResponse200Response, GetUserDetails200Response } from "./models/account.ts";
import { callOperation } from "./operation.ts";

/**
 * The account whose token the client holds. Every method returns a promise and takes an optional last callback
 * `(error, data, response)`.
 */
export class AccountApi {
  apiClient: ApiClient;

  /** @param settings a client or a configuration; `ApiClient.instance` by default */
  constructor(settings?: ApiClient | Configuration) {
    this.apiClient = clientOf(settings);
  }

  /** Who the token belongs to: the cheapest way to find out whether it is still alive. */
  getUserDetails(
    opts?: CallOptions | ApiCallback<GetUserDetails200Response> | null,
    callback?: ApiCallback<GetUserDetails200Response> | null,
  ): Promise<GetUserDetails200Response> {
    const { options, callback: done } = splitArguments(opts, callback);
    const route = tradejiniRoutes.getUserDetails;
    return callOperation(this.apiClient, route, {}, GetUserDetails200Response, done, options);
  }

  /** Logs out: every token of the user stops working, those of other programs included. */
  getLogoutWebResponse(
    opts?: CallOptions | ApiCallback<GetLogoutWebResponse200Response> | null,
    callback?: ApiCallback<GetLogoutWebResponse200Response> | null,
  ): Promise<GetLogoutWebResponse200Response> {
    const { options, callback: done } = splitArguments(opts, callback);
    const route = tradejiniRoutes.getLogoutWebResponse;
    return callOperation(this.apiClient, route, {}, GetLogoutWebResponse200Response, done, loginLimits(options));
  }
}
