/**
 * Failures before a broker's own error body comes into play, clean of everything secret that was sent.
 */
import {
  AbortedException,
  type ApiException,
  NetworkException,
  NotJsonException,
  RateLimitedException,
  TimeoutException,
} from "./api-exception.ts";
import type { ApiResponse } from "./api-response.ts";
import { isSecretName, scrub } from "./redaction.ts";
import { networkError } from "./transport/transport.ts";

/** The caller's arguments, kept for the log and for cleaning errors. */
export interface CallFacts {
  readonly path: string;
  readonly queryParams: Readonly<Record<string, unknown>>;
  readonly formParams: Readonly<Record<string, unknown>>;
  readonly bodyParam: unknown;
  readonly authorization: string | undefined;
}

/** Everything secret in a request. Only asked for on failure and in the debug log. */
export function secretsOf(call: CallFacts): string[] {
  const secrets: string[] = [];
  if (call.authorization !== undefined) {
    const bearer = call.authorization.replace(/^Bearer /i, "");
    // Of a pair `<api_key>:<access_token>` each half is a secret of its own.
    secrets.push(bearer, ...(bearer.includes(":") ? bearer.split(":") : []));
  }
  const body = typeof call.bodyParam === "object" && call.bodyParam !== null ? call.bodyParam : {};
  for (const source of [call.queryParams, call.formParams, body]) {
    for (const [name, value] of Object.entries(source)) {
      if (typeof value === "string" && (isSecretName(name) || name === "state")) secrets.push(value);
    }
  }
  return secrets;
}

/** The exception for a call that got no whole answer. */
export function networkFailure(error: unknown, secrets: readonly string[]): NetworkException {
  const { kind, code, message, cause } = networkError(error);
  const init = { message: `${code}: ${scrub(message, secrets)}`, code };
  if (kind === "timeout") return new TimeoutException(init);
  return kind === "aborted" ? new AbortedException({ ...init, cause }) : new NetworkException(init);
}

/** Whether an answer has a text that is not JSON. */
export function isPage(response: ApiResponse): boolean {
  return response.body === undefined && response.text !== "";
}

/** An answer with a text that is not JSON. */
export function pageException(response: ApiResponse): ApiException {
  const init = { message: `${response.status} ${response.statusText}: the answer is not JSON`, response };
  // Cloudflare's own rate limit answers with a page too, and means the same.
  return response.status === 429 ? new RateLimitedException(init) : new NotJsonException(init);
}
