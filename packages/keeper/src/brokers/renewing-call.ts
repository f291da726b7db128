/**
 * A client's calls with a token that renews under them: each call asks for the token, and a call that the broker
 * refuses because its token is dead ends that session; a GET is then made once more with the new token (S-15: what
 * changes something is never sent twice).
 */
import type { ApiCallback, ApiException, ApiResponse, BrokerApiClient } from "@kunji/client";
import type { Secret } from "../secret.ts";
import { serverTimeOf } from "./answer.ts";

/** The arguments of a client's `callApi`. */
export type CallArguments<T> = Parameters<typeof BrokerApiClient.prototype.callApi<T>>;

/** Where a client's token comes from, and what is told about it. */
export interface Renewal {
  /** A token that is alive as far as anybody knows; logs in or waits when there is none. */
  readonly token: (signal: AbortSignal | undefined) => Promise<Secret>;
  /** Whether this failure says that the token is dead. */
  readonly isDead: (error: unknown) => boolean;
  /** The broker refused this token. */
  readonly refused: (token: Secret) => Promise<void>;
  /** The broker's clock, as an answer showed it; epoch seconds. */
  readonly sawServerTime: (seconds: number) => void;
}

interface Outcome<T> {
  readonly data: T;
  readonly response: ApiResponse | undefined;
}

/**
 * @param send the client's own `callApi`
 * @param bearer what travels after `Bearer ` for a token
 */
export function callRenewing<T>(
  call: CallArguments<T>,
  send: (call: CallArguments<T>) => Promise<T>,
  renewal: Renewal,
  bearer: (token: Secret) => string,
): Promise<T> {
  const [path, method, pathParams, query, headers, form, body, authNames, contents, accepts, type, callback, options] =
    call;
  // Logins and token requests carry no token.
  if (authNames.length === 0) return send(call);

  const attempt = async (): Promise<Outcome<T> | { readonly error: ApiException; readonly token: Secret }> => {
    const token = await renewal.token(options?.signal);
    // As a header of this call: what is refused later is then surely this token, whatever other calls have meanwhile.
    const own = { ...headers, Authorization: `Bearer ${bearer(token)}` };
    return await new Promise((resolve, reject) => {
      const done: ApiCallback<T> = (error, data, response) => {
        // A page may come out of somebody's cache, with a date of its own.
        const time = response?.body === undefined ? undefined : serverTimeOf(response);
        if (time !== undefined) renewal.sawServerTime(time);
        if (error === null) resolve({ data: data as T, response });
        else if (renewal.isDead(error)) resolve({ error, token });
        else reject(error);
      };
      send([path, method, pathParams, query, own, form, body, [], contents, accepts, type, done, options]);
    });
  };

  const outcome = (async (): Promise<Outcome<T>> => {
    const first = await attempt();
    if (!("error" in first)) return first;
    await renewal.refused(first.token);
    if (method !== "GET") throw first.error;
    const second = await attempt();
    if (!("error" in second)) return second;
    await renewal.refused(second.token);
    throw second.error;
  })();
  return deliver(outcome, callback ?? undefined);
}

/** As the client does it: the promise of the data, and the callback told as well, from a fresh microtask. */
function deliver<T>(outcome: Promise<Outcome<T>>, callback: ApiCallback<T> | undefined): Promise<T> {
  const data = outcome.then((done) => done.data);
  if (callback !== undefined) {
    outcome.then(
      (done) => queueMicrotask(() => callback(null, done.data, done.response)),
      (error: ApiException) => queueMicrotask(() => callback(error, null, error.response)),
    );
    data.catch(() => {});
  }
  return data;
}
