/**
 * Promise and callback from one call. Every operation returns a promise; when its last argument is a function, the
 * same one request is reported to it as well, in the style of the official SDK.
 */
import type { ApiException } from "./api-exception.ts";
import type { ApiResponse } from "./api-response.ts";

/** What a callback gets: an error or data, never both; `response` is undefined when no answer arrived. */
export type ApiCallback<T> = (error: ApiException | null, data: T | null, response: ApiResponse | undefined) => void;

/** What an operation ends with. */
export interface Outcome<T> {
  readonly data: T;
  readonly response: ApiResponse;
}

/**
 * The promise of an outcome's data, with the callback told as well. A callback silences the promise: nobody looks at
 * it, so its rejection must not end the process.
 */
export function deliver<T>(outcome: Promise<Outcome<T>>, callback: ApiCallback<T> | undefined): Promise<T> {
  const data = outcome.then(dataOf);
  if (callback !== undefined) {
    // From a fresh microtask: what a callback throws is its own uncaught error, not a failure of the call.
    outcome.then(
      (done) => queueMicrotask(() => callback(null, done.data, done.response)),
      (error: ApiException) => queueMicrotask(() => callback(error, null, error.response)),
    );
    data.catch(ignore);
  }
  return data;
}

function dataOf<T>(outcome: Outcome<T>): T {
  return outcome.data;
}

function ignore(): void {}

/** `(opts, callback)`, `(callback)` or `(opts)`: which is which. */
export function splitArguments<O extends object, T>(
  optionsOrCallback: O | ApiCallback<T> | null | undefined,
  callback: ApiCallback<T> | null | undefined,
): { readonly options: Partial<O>; readonly callback: ApiCallback<T> | undefined } {
  if (typeof optionsOrCallback === "function") return { options: {}, callback: optionsOrCallback as ApiCallback<T> };
  return { options: optionsOrCallback ?? {}, callback: callback ?? undefined };
}

/** The official SDK's error for a missing argument: thrown at once, same text. */
export function requireArgument(value: unknown, name: string, operation: string): void {
  if (value === undefined || value === null) {
    throw new Error(`Missing the required parameter '${name}' when calling ${operation}`);
  }
}
