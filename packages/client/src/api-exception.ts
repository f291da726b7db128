/**
 * Everything a call can fail with. One class, and subclasses for what callers switch on. None of them holds the
 * request or a secret: texts are cleaned of everything secret that was sent (S-73).
 */
import type { ApiResponse } from "./api-response.ts";
import { type Inspect, inspectSymbol } from "./redaction.ts";

/** One entry of a broker's error body, whichever spelling it came in. */
export interface ApiProblem {
  readonly errorCode: string;
  readonly message: string;
  readonly propertyPath: string | null;
  readonly invalidValue: unknown;
}

export interface ApiExceptionInit {
  readonly message: string;
  /** Absent when no answer arrived. */
  readonly response?: ApiResponse | undefined;
  readonly errors?: readonly ApiProblem[];
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

/** A call that failed: the broker refused it, or no usable answer arrived. */
export class ApiException extends Error {
  override readonly name: string = "ApiException";
  /** HTTP status, 0 when no answer arrived. */
  readonly status: number;
  /** HTTP status text. */
  readonly reason: string;
  /** The error body: parsed JSON, or text when it is none. Empty when it could hold a token. */
  readonly body: unknown;
  /** Response headers by lower-case name, without cookies and redirect targets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Entries of the error body; empty when there are none. */
  readonly errors: readonly ApiProblem[];
  /** Code of the first entry (`UDAPI100050`), or of the network failure (`ECONNREFUSED`). */
  readonly code: string | undefined;
  /** The answer, as the official JS SDK has it (`error.response.text`); absent when none arrived. Not enumerable. */
  declare readonly response: ApiResponse | undefined;

  constructor(init: ApiExceptionInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    const { response } = init;
    this.status = response?.status ?? 0;
    this.reason = response?.statusText ?? "";
    this.body = response?.body ?? response?.text ?? "";
    this.headers = response === undefined ? {} : publicHeaders(response.headers);
    this.errors = init.errors ?? [];
    this.code = init.code ?? this.errors[0]?.errorCode;
    Object.defineProperty(this, "response", { value: response, enumerable: false });
  }

  /** Plain data for logs; `JSON.stringify(error)` gives this. */
  toJSON(): object {
    const { name, message, status, reason, code, body, errors } = this;
    return { name, message, status, reason, code, body, errors };
  }

  [inspectSymbol](_depth: number, options: object, inspect?: Inspect): string {
    const { status, reason, code, errors } = this;
    const facts = { status, reason, code, errors, ...(this.cause === undefined ? {} : { cause: this.cause }) };
    return `${this.stack ?? this.message} ${inspect === undefined ? "" : inspect(facts, options)}`;
  }
}

/** 400: the broker takes the request for wrong. */
export class BadRequestException extends ApiException {
  override readonly name = "BadRequestException";
}

/** 401: the token, key or secret is refused. Log in again. */
export class UnauthorizedException extends ApiException {
  override readonly name = "UnauthorizedException";
}

/** Not allowed, though the token is good: 403, or a call from an address that is not the registered one. */
export class ForbiddenException extends ApiException {
  override readonly name = "ForbiddenException";
  /** True when the caller's address is the reason: the token works from the registered static IP. */
  readonly wrongStaticIp: boolean;

  constructor(init: ApiExceptionInit & { readonly wrongStaticIp: boolean }) {
    super(init);
    this.wrongStaticIp = init.wrongStaticIp;
  }
}

/** 404: there is nothing at this address. */
export class NotFoundException extends ApiException {
  override readonly name = "NotFoundException";
}

/** 500 to 599: the broker is in trouble. Whether it acted on the request is unknown. */
export class ServiceException extends ApiException {
  override readonly name = "ServiceException";
}

/** 429: too many requests. Wait; the broker does not say how long unless `retryAfter` is there. */
export class RateLimitedException extends ApiException {
  override readonly name = "RateLimitedException";
  /** Seconds, when the answer names them. */
  readonly retryAfter: number | undefined;

  constructor(init: ApiExceptionInit) {
    super(init);
    const seconds = Number(init.response?.get("retry-after"));
    this.retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  }
}

/** 423: the service is closed for the night; the token may well be good. */
export class ClosedForTheNightException extends ApiException {
  override readonly name = "ClosedForTheNightException";
  /** Epoch seconds of the next opening. */
  readonly reopensAt: number;

  constructor(init: ApiExceptionInit & { readonly reopensAt: number }) {
    super(init);
    this.reopensAt = init.reopensAt;
  }
}

/** An answer that is not the broker's JSON: a gateway's page (Cloudflare's 403, say), or a captive portal's. */
export class NotJsonException extends ApiException {
  override readonly name = "NotJsonException";
}

/** No whole answer arrived (`code` says why). Whether the broker acted on the request is unknown. */
export class NetworkException extends ApiException {
  override readonly name: string = "NetworkException";
}

/** No whole answer within `timeout`. Whether the broker acted on the request is unknown. */
export class TimeoutException extends NetworkException {
  override readonly name = "TimeoutException";
}

/** The caller's AbortSignal ended the call; `cause` is its reason. Named `AbortError`, as on the platform. */
export class AbortedException extends NetworkException {
  override readonly name = "AbortError";
}

/** Headers that may carry a session, a code or a state stay out of errors. */
function publicHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { "set-cookie": _cookie, location: _location, ...rest } = headers;
  return rest;
}
