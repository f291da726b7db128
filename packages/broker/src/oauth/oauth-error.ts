import type { WireError } from "../dialect.ts";
import type { HttpFault } from "../http/http-fault.ts";

/** Errors of the endpoints every OAuth client knows, in the shape of RFC 6749 section 5.2. */
export class OAuthError extends Error {
  readonly code: "invalid_request" | "invalid_client" | "temporarily_unavailable";
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: OAuthError["code"], status: number, options: { retryAfterSeconds?: number } = {}) {
    super(code);
    this.name = "OAuthError";
    this.code = code;
    this.status = status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function describeOAuthFault(fault: HttpFault): WireError {
  const code = fault.status >= 500 ? "server_error" : "invalid_request";
  return { status: fault.status, body: { error: code } };
}
