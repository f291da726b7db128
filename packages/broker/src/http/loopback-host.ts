/** Host names that always mean this machine. */

/** True for `localhost`, `127.0.0.1` and `[::1]`, as a URL's `hostname` spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

/** True for the socket address of a caller on this machine. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const bare = address.startsWith("::ffff:") ? address.slice(7) : address;
  return bare === "::1" || bare.startsWith("127.");
}

/**
 * True for a request that was made on this machine and to this machine. One that a proxy here passes on comes from this
 * machine too, but names the public host.
 * @param host the one Host header, which has been checked
 */
export function isLocalRequest(remoteAddress: string | undefined, host: string | undefined): boolean {
  return isLoopbackAddress(remoteAddress) && isLoopbackHost((host ?? "").toLowerCase().replace(/:\d+$/, ""));
}
