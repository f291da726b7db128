/**
 * The Tradejini error catalogue. The wire has no codes, only a status and a text; the keys are Kunji's own names.
 * Source: protocol/tradejini.md 8.
 */
export interface TradejiniErrorSpec {
  readonly status: number;
  /** What `msg` says, character for character. */
  readonly message: string;
}

export const tradejiniErrors = {
  // Gateway: malformed URL or body, JSON or no Content-Type where a form is due.
  BAD_REQUEST: { status: 400, message: "Bad request" },
  VALIDATION: {
    status: 400,
    message: "Input validation failed. Kindly check your input contains required fields for the request",
  },
  // An application fault that calls itself a bad request; worth repeating.
  INTERNAL: { status: 400, message: "Internal Error occurred. Kindly try again." },
  // One text for every cause: token, key, secret, password, second factor, code, static IP.
  UNAUTHORIZED: { status: 401, message: "Unauthorized" },
  FORBIDDEN: { status: 403, message: "Forbidden" },
  NOT_FOUND: { status: 404, message: "Resource not found" },
  METHOD_NOT_ALLOWED: { status: 405, message: "Method not allowed" },
  // Text inferred: the vendor gives none. It lists this for a wrong Content-Type, and 400 for the same cause.
  UNSUPPORTED: { status: 415, message: "Unsupported media type" },
  TOO_MANY: { status: 429, message: "Too many requests" },
  SERVER: { status: 500, message: "Internal server error" },
  BAD_GATEWAY: { status: 502, message: "Bad gateway" },
  UNAVAILABLE: { status: 503, message: "Service unavailable" },
  // The vendor's spelling.
  GATEWAY_TIMEOUT: { status: 504, message: "Gateway timedout" },
} as const satisfies Record<string, TradejiniErrorSpec>;

/** Our name of an error; it does not travel. */
export type TradejiniErrorCode = keyof typeof tradejiniErrors;

/** Body of every documented failure. @see protocol/tradejini.md 1 */
export interface TradejiniErrorBody {
  s: "error";
  msg: string;
}
