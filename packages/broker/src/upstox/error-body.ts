import {
  type UpstoxErrorBody,
  type UpstoxErrorCode,
  type UpstoxErrorEntry,
  upstoxErrors,
} from "@kunji/contract/upstox";
import type { WireError } from "../dialect.ts";
import type { HttpFault, HttpFaultKind } from "../http/http-fault.ts";

/** One thing that is wrong with a request. */
export interface UpstoxProblem {
  readonly code: UpstoxErrorCode;
  /** The input it is about. */
  readonly propertyPath?: string | undefined;
  /** The operation's own text, where the contract gives it one (`errorTexts`). */
  readonly message?: string | undefined;
}

/** Thrown by the Upstox handlers: answered in the vendor's shape with the status of the first problem. */
export class UpstoxError extends Error {
  readonly problems: readonly UpstoxProblem[];
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(problems: readonly [UpstoxProblem, ...UpstoxProblem[]], options: { retryAfterSeconds?: number } = {}) {
    super(problems.map((problem) => problem.code).join(", "));
    this.name = "UpstoxError";
    this.problems = problems;
    this.status = upstoxErrors[problems[0].code].status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Refuses with a single code. */
export function upstoxError(code: UpstoxErrorCode, propertyPath?: string): UpstoxError {
  return new UpstoxError([{ code, propertyPath }]);
}

/** The seven-key body, in the order live bodies have it (protocol/upstox.md 1.6). */
export function upstoxErrorBody(problems: readonly UpstoxProblem[]): UpstoxErrorBody {
  return { status: "error", errors: problems.map(entry) };
}

const faultCodes = {
  "not-found": "UDAPI100060",
  "method-not-allowed": "UDAPI10000",
  "not-acceptable": "UDAPI10000",
  "request-timeout": "UDAPI10000",
  "payload-too-large": "UDAPI100038",
  "uri-too-long": "UDAPI10000",
  "unsupported-media-type": "UDAPI100038",
  "headers-too-large": "UDAPI10000",
  malformed: "UDAPI100038",
  "repeated-parameter": "UDAPI100038",
  "too-many-parameters": "UDAPI100038",
  "bad-host": "UDAPI10000",
  "rate-limited": "UDAPI10005",
  overloaded: "UDAPI10005",
  unavailable: "UDAPI100500",
  internal: "UDAPI100500",
} as const satisfies Record<HttpFaultKind, UpstoxErrorCode>;

/** A fault of the HTTP layer in the vendor's shape, with the fault's own status. */
export function describeUpstoxFault(fault: HttpFault): WireError {
  return {
    status: fault.status,
    body: upstoxErrorBody([{ code: faultCodes[fault.kind], propertyPath: fault.parameter }]),
  };
}

function entry({ code, propertyPath, message = upstoxErrors[code].message }: UpstoxProblem): UpstoxErrorEntry {
  const path = propertyPath ?? null;
  // The offending value is never given back: it may be a secret in the wrong field (S-110).
  return {
    errorCode: code,
    message,
    propertyPath: path,
    invalidValue: null,
    error_code: code,
    property_path: path,
    invalid_value: null,
  };
}
