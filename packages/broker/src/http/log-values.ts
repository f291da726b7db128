/**
 * What may be logged about a request: the fields listed here and no others. URLs, queries, bodies and headers carry
 * codes, OTPs and tokens, so none of them ever reaches a log line (S-96).
 */

/** Facts about a served request, as its handler knows them. */
export interface ServedRequest {
  /** The pattern of the route (`/v2/user/profile`), not the path; undefined when no route matched. */
  readonly routePattern: string | undefined;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
  readonly requestId: string;
}

/** One line of the request log. */
export interface RequestLogRecord {
  readonly requestId: string;
  readonly route: string;
  readonly method: string;
  readonly status: number;
  /** Milliseconds, to the tenth. */
  readonly durationMs: number;
}

export function requestLogRecord(request: ServedRequest): RequestLogRecord {
  return {
    requestId: request.requestId,
    route: request.routePattern ?? "none",
    method: logText(request.method, 16),
    status: request.status,
    durationMs: Math.round(request.durationMs * 10) / 10,
  };
}

/** Why something could not be done. */
export interface FailureLogRecord {
  /** The kind of error. */
  readonly error: string;
  readonly detail: string;
  /** What the database or the system calls it, such as `53100` or `ECONNREFUSED`, where it said. */
  readonly code?: string;
}

/** Texts of the database stay out, since they may quote values; its code is as good to whoever looks it up (S-96). */
export function failureLogRecord(failure: unknown): FailureLogRecord {
  const error = failure instanceof Error ? failure : new Error(typeof failure);
  const code = codeOf(error);
  return { error: error.name, detail: logText(error.message), ...(code === undefined ? {} : { code }) };
}

/** The innermost code: an error of ours wraps the driver's. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const inner = codeOf(error.cause);
  if (inner !== undefined) return inner;
  return "code" in error && typeof error.code === "string" && /^\w{1,40}$/.test(error.code) ? error.code : undefined;
}

// Controls (with the C1 range, which JSON leaves as it is and some terminals obey), lone surrogates, line separators,
// and the marks that turn the direction of text.
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A value fit for a log: cut to `maximumLength` characters, and nothing in it that a terminal would obey (S-97). */
export function logText(value: string, maximumLength = 200): string {
  const isLong = value.length > maximumLength;
  const cut = (isLong ? value.slice(0, maximumLength) : value).replaceAll(unprintable, "\ufffd");
  return isLong ? `${cut}...(${value.length})` : cut;
}
