import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { CallOptions } from "../api-client.ts";
import { type ApiCallback, splitArguments } from "../callback-style.ts";
import { type ApiClient, clientOf } from "./api-client.ts";
import type { Configuration } from "./configuration.ts";
import { RetrieveFundsLimits200Response } from "./models/funds.ts";
import { callOperation } from "./operation.ts";

/** Funds of the account whose token the client holds. */
export class FundsApi {
  apiClient: ApiClient;

  /** @param settings a client or a configuration; `ApiClient.instance` by default */
  constructor(settings?: ApiClient | Configuration) {
    this.apiClient = clientOf(settings);
  }

  /** Limits in rupees: `d` is a list, one entry for each segment, however the broker sent it. */
  retrieveFundsLimits(
    opts?: CallOptions | ApiCallback<RetrieveFundsLimits200Response> | null,
    callback?: ApiCallback<RetrieveFundsLimits200Response> | null,
  ): Promise<RetrieveFundsLimits200Response> {
    const { options, callback: done } = splitArguments(opts, callback);
    const route = tradejiniRoutes.retrieveFundsLimits;
    return callOperation(this.apiClient, route, {}, RetrieveFundsLimits200Response, done, options);
  }
}
