/**
 * What the HTTP layer throws when a request cannot be served. It knows no broker: each dialect turns a fault into
 * its own error body, so nothing here is wire text (S-110).
 */

const statuses = {
  "not-found": 404,
  "method-not-allowed": 405,
  "not-acceptable": 406,
  "request-timeout": 408,
  "payload-too-large": 413,
  "uri-too-long": 414,
  "unsupported-media-type": 415,
  "headers-too-large": 431,
  malformed: 400,
  "repeated-parameter": 400,
  "too-many-parameters": 400,
  "bad-host": 400,
  "rate-limited": 429,
  overloaded: 503,
  unavailable: 503,
  internal: 500,
} as const;

export type HttpFaultKind = keyof typeof statuses;

/** Every kind of fault there is, for tables that must name each of them. */
export const httpFaultKinds = Object.keys(statuses) as readonly HttpFaultKind[];

export interface HttpFaultDetails {
  /** What exactly is wrong, for our log. Never holds a value out of the request. */
  readonly detail?: string;
  /** The parameter, header or cookie at fault. Only names that look like one are kept (see the constructor). */
  readonly parameter?: string | undefined;
  readonly retryAfterSeconds?: number;
  /** The methods a path does have, for `Allow` (RFC 9110 15.5.6). */
  readonly allow?: readonly string[];
  readonly cause?: unknown;
}

/** A request refused by the HTTP layer. `status` is the HTTP status; `message` is for our log. */
export class HttpFault extends Error {
  override readonly name = "HttpFault";
  readonly kind: HttpFaultKind;
  readonly status: number;
  readonly parameter: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly allow: readonly string[] | undefined;

  constructor(kind: HttpFaultKind, details: HttpFaultDetails = {}) {
    super(details.detail ?? kind, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.status = statuses[kind];
    this.parameter = plainName(details.parameter);
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.allow = details.allow;
  }
}

// A name comes from the sender too: one that is no plain identifier is dropped, so that an error body that
// prints it can echo neither markup nor a secret put in the wrong place (S-110).
function plainName(name: string | undefined): string | undefined {
  return name !== undefined && name.length <= 64 && /^[\w.-]+$/.test(name) ? name : undefined;
}
