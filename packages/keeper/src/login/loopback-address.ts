/**
 * What a registered redirect URI says about where to listen.
 */

/** Where a redirect URI leads, when it leads to this machine. */
export interface LoopbackAddress {
  /** Addresses to bind, never a name and never all interfaces (S-85). */
  readonly binds: readonly ("127.0.0.1" | "::1")[];
  readonly port: number;
  /** The Host header of a browser that follows it. */
  readonly host: string;
  readonly path: string;
}

/**
 * Takes a redirect URI apart. `localhost` is what people often register (protocol/upstox.md 2.4); a browser may resolve
 * it to either loopback address, so both are bound for it: whoever held the other one would get the code.
 * @returns undefined when nothing can listen there: another machine, https, a custom scheme. Its answer can be pasted.
 */
export function loopbackAddress(redirectUri: string): LoopbackAddress | undefined {
  if (!URL.canParse(redirectUri)) return undefined;
  const url = new URL(redirectUri);
  const binds = BINDS[url.hostname];
  const port = url.port === "" ? 80 : Number(url.port);
  if (url.protocol !== "http:" || binds === undefined || port === 0) return undefined;
  return { binds, port, host: url.host, path: url.pathname };
}

const BINDS: Readonly<Record<string, LoopbackAddress["binds"]>> = {
  "127.0.0.1": ["127.0.0.1"],
  "[::1]": ["::1"],
  localhost: ["127.0.0.1", "::1"],
};
