/** Host names that always mean this machine. */

/** True for `localhost`, `127.0.0.1` and `[::1]`, as a URL's `hostname` spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}
