/** Errors of name lookup and TCP connect, the steps before the first byte of a request. */
const connectFaults: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Whether a `fetch` failed before anything was sent. */
export function neverConnected(error: unknown): boolean {
  return connectFaults.has(fetchErrorCode(error) ?? "");
}

/** `fetch` throws a bare TypeError and hides what happened in its cause. */
export function fetchErrorCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
