/**
 * Reading the URL a login comes back on.
 */
import { Discreet } from "./redaction.ts";

export interface ExpectedCallback {
  /** The state this login was started with. Use each for one login only. */
  readonly state: string;
  /** The broker's issuer. When the callback names one, it must be this one (RFC 9207, S-09). */
  readonly issuer?: string | undefined;
}

/** A callback that passed every check. Printing it masks the code. */
export class CheckedCallback extends Discreet {
  /** The authorization code: exchange it once, at once. */
  readonly code: string;
  /** The issuer the callback named. */
  readonly issuer: string | undefined;

  constructor(code: string, issuer: string | undefined) {
    super();
    this.code = code;
    this.issuer = issuer;
  }
}

/**
 * `STATE_MISMATCH`: not the answer to this login, forget it. `ISSUER_MISMATCH`: another broker answered. `DENIED`:
 * the broker or the person said no, see `error`. `MALFORMED`: not a callback at all.
 */
export type CallbackFailure = "STATE_MISMATCH" | "ISSUER_MISMATCH" | "DENIED" | "MALFORMED";

/** A callback that must not be used. Its message repeats nothing of the URL. */
export class CallbackException extends Error {
  override readonly name = "CallbackException";
  readonly code: CallbackFailure;
  /** The `error` parameter, with `DENIED` only: `access_denied` for instance. */
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;

  constructor(code: CallbackFailure, message: string, error?: string, errorDescription?: string) {
    super(message);
    this.code = code;
    this.error = error;
    this.errorDescription = errorDescription;
  }
}

/**
 * Checks a callback and takes the code out of it. The state is compared first and in constant time, before code or
 * error are looked at (S-17).
 * @param url the whole URL, or its path and query as a server sees it
 * @throws CallbackException
 * @throws TypeError without an expected state: there is no check that could be left out
 */
export function readCallback(url: string | URL, expected: ExpectedCallback): CheckedCallback {
  if (typeof expected?.state !== "string" || expected.state === "") {
    throw new TypeError("readCallback needs the state this login was started with");
  }
  const parameters = readParameters(String(url));
  if (!sameText(parameters.get("state") ?? "", expected.state)) {
    throw new CallbackException("STATE_MISMATCH", "the callback does not belong to this login: its state differs");
  }
  const issuer = parameters.get("iss");
  if (issuer !== undefined && expected.issuer !== undefined && issuer !== expected.issuer) {
    throw new CallbackException("ISSUER_MISMATCH", "the callback comes from another issuer than the login went to");
  }
  const error = parameters.get("error");
  if (error !== undefined) {
    throw new CallbackException("DENIED", "the login was refused", error, parameters.get("error_description"));
  }
  const code = parameters.get("code");
  if (code === undefined || code === "") {
    throw new CallbackException("MALFORMED", "the callback holds neither a code nor an error");
  }
  return new CheckedCallback(code, issuer);
}

/** The query, read strictly: broken encoding and repeated parameters are refused, not repaired (S-16, S-101). */
function readParameters(url: string): Map<string, string> {
  const start = url.indexOf("?");
  const query = start === -1 ? "" : (url.slice(start + 1).split("#", 1)[0] ?? "");
  const parameters = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (parameters.has(name)) throw new CallbackException("MALFORMED", "the callback repeats a parameter");
    parameters.set(name, equals === -1 ? "" : decode(pair.slice(equals + 1)));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new CallbackException("MALFORMED", "the callback is not correctly percent-encoded");
  }
}

/** Compares without stopping at the first difference. The length may show; states have a fixed one. */
function sameText(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) {
    // charCodeAt past the end is NaN, which the operator takes for 0.
    difference |= given.charCodeAt(i) ^ expected.charCodeAt(i);
  }
  return difference === 0;
}
