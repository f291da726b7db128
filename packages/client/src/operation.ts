/**
 * Sends the operations of the contract through `ApiClient.callApi`.
 */
import type { Route } from "@kunji/contract";
import type { BrokerApiClient, CallOptions, Dialect, ReturnType, SendOptions } from "./api-client.ts";
import type { ApiCallback } from "./callback-style.ts";

/** Login calls read at most this many bytes (S-72). */
const MAX_LOGIN_RESPONSE_BYTES = 64 * 1024;

/** What a call fills into its route. */
export interface OperationInput {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly form?: Readonly<Record<string, unknown>>;
  readonly json?: object;
}

const none: Readonly<Record<string, unknown>> = {};
const noNames: readonly string[] = [];
const json: readonly string[] = ["application/json"];
const form: readonly string[] = ["application/x-www-form-urlencoded"];

/** Sends one operation of a broker; the base URL ends with what its routes begin with. */
export type CallOperation = <T>(
  client: BrokerApiClient,
  route: Route,
  input: OperationInput,
  returnType: ReturnType<T>,
  callback: ApiCallback<T> | undefined,
  options: SendOptions,
) => Promise<T>;

/** What `CallOperation` is for one broker. */
export function operationCaller({ authName, routePrefix }: Dialect): CallOperation {
  const bearer: readonly string[] = [authName];
  return (client, route, input, returnType, callback, options) =>
    client.callApi(
      route.path.slice(routePrefix.length),
      route.method,
      input.path ?? none,
      input.query ?? none,
      input.headers ?? none,
      input.form ?? none,
      input.json,
      route.auth === "bearer" ? bearer : noNames,
      input.form !== undefined ? form : input.json !== undefined ? json : noNames,
      json,
      returnType,
      callback,
      options,
    );
}

/** The limits of a login call. */
export function loginLimits(options: Partial<CallOptions>): SendOptions {
  return { signal: options.signal, timeout: options.timeout, maxResponseBytes: MAX_LOGIN_RESPONSE_BYTES };
}
