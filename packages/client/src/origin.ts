/** Where requests go: a base URL taken apart once, so that a call builds no URL object. */
export interface Origin {
  /** Scheme, host, port and path prefix, without a slash at the end. */
  readonly href: string;
  readonly secure: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** Value of the Host header. */
  readonly host: string;
  /** Path of the base URL, empty or starting with a slash. */
  readonly prefix: string;
}

/**
 * Reads a base URL. https only; http is for loopback addresses, so that a secret never crosses a network in the
 * clear (S-72).
 * @throws TypeError on anything else, and on a URL with credentials, query or fragment
 */
export function readOrigin(baseUrl: string): Origin {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new TypeError("the base URL is not a URL");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError("the base URL must begin with https://");
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new TypeError(`http is for loopback addresses only, use https for ${url.hostname}`);
  }
  if (url.username !== "" || url.password !== "") throw new TypeError("the base URL must not hold credentials");
  if (url.search !== "" || url.hash !== "") throw new TypeError("the base URL must not hold a query or a fragment");
  const secure = url.protocol === "https:";
  const prefix = url.pathname.replace(/\/+$/, "");
  return {
    href: url.origin + prefix,
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    prefix,
  };
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    // The URL parser has made a dotted quad of every way to write an IPv4 address.
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
