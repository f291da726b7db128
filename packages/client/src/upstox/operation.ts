/**
 * Sends one operation of the contract through `ApiClient.callApi`.
 */
import type { Route } from "@kunji/contract";
import type { ReturnType, SendOptions } from "../api-client.ts";
import type { ApiCallback } from "../callback-style.ts";
import type { ApiClient } from "./api-client.ts";

/** What a call fills into its route. */
export interface OperationInput {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly form?: Readonly<Record<string, unknown>>;
  readonly json?: object;
}

const none: Readonly<Record<string, unknown>> = {};
const bearer: readonly string[] = ["OAUTH2"];
const noNames: readonly string[] = [];
const json: readonly string[] = ["application/json"];
const form: readonly string[] = ["application/x-www-form-urlencoded"];

export function callOperation<T>(
  client: ApiClient,
  route: Route,
  input: OperationInput,
  returnType: ReturnType<T>,
  callback: ApiCallback<T> | undefined,
  options: SendOptions,
): Promise<T> {
  return client.callApi(
    route.path,
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
