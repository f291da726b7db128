/**
 * The seam between the client and the network. Two fillings: `node-http.ts` (keep-alive sockets of node:http) under
 * the `node` condition, `fetch.ts` everywhere else or when a `fetch` is handed in.
 */
import type { Origin } from "../origin.ts";

/** One request, ready for the wire. Sent exactly once, whatever happens (S-15). */
export interface WireRequest {
  readonly origin: Origin;
  readonly method: string;
  /** Path and query below the base URL, percent-encoded. */
  readonly path: string;
  /** Name, value, name, value; without Host and Content-Length. */
  readonly headers: readonly string[];
  readonly body: string | undefined;
  /** Milliseconds for the whole call, 0 for none. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Bytes of the answer's body that are read at most (S-72). */
  readonly maxResponseBytes: number;
}

/** What came back, whatever its status: a transport follows no redirect and judges nothing. */
export interface WireResponse {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly text: string;
}

export interface Transport {
  /** @throws TransportError when no whole answer arrived */
  send(request: WireRequest): Promise<WireResponse>;
}

/** Why no whole answer arrived; whether the broker acted on the request is then unknown. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly kind: "network" | "timeout" | "aborted";
  /** `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `RESPONSE_TOO_LARGE` and the like. */
  readonly code: string;

  constructor(kind: TransportError["kind"], code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
  }
}

export function timeoutError(milliseconds: number): TransportError {
  return new TransportError("timeout", "TIMEOUT", `no answer within ${milliseconds} ms`);
}

export function abortError(signal: AbortSignal): TransportError {
  return new TransportError("aborted", "ABORTED", "the caller aborted the call", signal.reason);
}

export function tooLargeError(limit: number): TransportError {
  return new TransportError("network", "RESPONSE_TOO_LARGE", `the answer is larger than ${limit} bytes`);
}

/**
 * An error of the platform as ours. Only its code and message are kept: what else hangs on it (a request, say, with
 * its headers) must not travel along (S-73).
 */
export function networkError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = codeOf(inner) ?? codeOf(error) ?? "NETWORK_ERROR";
  // Node gives an empty message when several addresses were tried.
  const message = inner instanceof Error && inner.message !== "" ? inner.message : code;
  return new TransportError("network", code, message);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
