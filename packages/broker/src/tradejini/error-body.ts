import { type TradejiniErrorBody, type TradejiniErrorCode, tradejiniErrors } from "@kunji/contract/tradejini";
import type { WireError } from "../dialect.ts";
import type { HttpFault, HttpFaultKind } from "../http/http-fault.ts";

export interface TradejiniErrorDetails {
  /** The operation's own text, where the contract gives it one (`errorTexts`). */
  readonly message?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** Thrown by the Tradejini handlers: answered with a status and a text, and nothing that tells causes apart. */
export class TradejiniError extends Error {
  override readonly name = "TradejiniError";
  readonly code: TradejiniErrorCode;
  readonly status: number;
  readonly body: TradejiniErrorBody;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: TradejiniErrorCode, details: TradejiniErrorDetails = {}) {
    super(code);
    this.code = code;
    this.status = tradejiniErrors[code].status;
    this.body = tradejiniErrorBody(details.message ?? tradejiniErrors[code].message);
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

function tradejiniErrorBody(msg: string): TradejiniErrorBody {
  return { s: "error", msg };
}

const faultCodes = {
  "not-found": "NOT_FOUND",
  "method-not-allowed": "METHOD_NOT_ALLOWED",
  "not-acceptable": "BAD_REQUEST",
  "request-timeout": "BAD_REQUEST",
  "payload-too-large": "BAD_REQUEST",
  "uri-too-long": "BAD_REQUEST",
  "unsupported-media-type": "BAD_REQUEST",
  "headers-too-large": "BAD_REQUEST",
  malformed: "BAD_REQUEST",
  "repeated-parameter": "BAD_REQUEST",
  "too-many-parameters": "BAD_REQUEST",
  "bad-host": "BAD_REQUEST",
  "rate-limited": "TOO_MANY",
  overloaded: "UNAVAILABLE",
  unavailable: "UNAVAILABLE",
  internal: "SERVER",
} as const satisfies Record<HttpFaultKind, TradejiniErrorCode>;

/**
 * A fault of the HTTP layer in the vendor's shape, with the fault's own status - but for a wrong Content-Type, which the
 * vendor's gateway answers with 400; its other page says 415 (protocol/tradejini.md 11).
 */
export function describeTradejiniFault(fault: HttpFault): WireError {
  const { message } = tradejiniErrors[faultCodes[fault.kind]];
  return {
    status: fault.kind === "unsupported-media-type" ? 400 : fault.status,
    body: tradejiniErrorBody(message),
  };
}
