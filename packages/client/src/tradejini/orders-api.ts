import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { CallOptions } from "../api-client.ts";
import { type ApiCallback, splitArguments } from "../callback-style.ts";
import { type ApiClient, clientOf } from "./api-client.ts";
import type { Configuration } from "./configuration.ts";
import { GetOrders200Response } from "./models/orders.ts";
import { callOperation } from "./operation.ts";

/** Orders of the account whose token the client holds. */
export class OrdersApi {
  apiClient: ApiClient;

  /** @param settings a client or a configuration; `ApiClient.instance` by default */
  constructor(settings?: ApiClient | Configuration) {
    this.apiClient = clientOf(settings);
  }

  /** What became of the orders of an order-connect trip, which itself answers with a code only. */
  getOrders(
    opts?: CallOptions | ApiCallback<GetOrders200Response> | null,
    callback?: ApiCallback<GetOrders200Response> | null,
  ): Promise<GetOrders200Response> {
    const { options, callback: done } = splitArguments(opts, callback);
    return callOperation(this.apiClient, tradejiniRoutes.getOrders, {}, GetOrders200Response, done, options);
  }
}
