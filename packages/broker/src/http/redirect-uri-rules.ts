/**
 * Which redirect URIs an app may register, and when a received one is the registered one. No URL parser takes part:
 * parsers make look-alikes equal (case, `:443`, `..`, full-width letters), and two parsers differ (S-01 to S-04).
 */
import ipaddr from "ipaddr.js";
import { hasControlCharacter } from "./control-characters.ts";
import { isLoopbackHost } from "./loopback-host.ts";

/** Why a redirect URI cannot be registered. The console puts it into words. */
export type RedirectUriProblem =
  | "too-long"
  | "forbidden-character"
  | "bad-encoding"
  | "not-https"
  | "userinfo"
  | "fragment"
  | "wildcard"
  | "bad-host"
  | "bad-port"
  | "dot-segment"
  | "reserved-query-key";

export interface RegistrationRules {
  /** The app runs on its user's machine and listens on loopback (RFC 8252). */
  readonly native: boolean;
  /** Loopback over plain http for any app, as developers register it with the vendor. */
  readonly allowLoopbackHttp?: boolean;
}

export const maximumRedirectUriBytes = 512;

/** The parameters of our answer: an app that had one of them in its URI could not tell ours from its own (S-03). */
const reservedKeys: ReadonlySet<string> = new Set(["code", "state", "error", "iss"]);

// RFC 3986 without "#": what a URI may be made of. Spaces, quotes, backslashes and non-ASCII are none of it.
const uriCharacters = /^[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/;

/** Checks a redirect URI at registration (S-03, S-04). @returns the first problem found, undefined when there is none. */
export function checkRedirectUri(text: string, rules: RegistrationRules): RedirectUriProblem | undefined {
  if (text.length > maximumRedirectUriBytes) return "too-long";
  if (text.includes("#")) return "fragment";
  if (!uriCharacters.test(text)) return "forbidden-character";
  if (text.includes("*")) return "wildcard";
  const scheme = ["https://", "http://"].find((prefix) => text.startsWith(prefix));
  if (scheme === undefined) return "not-https";
  const { authority, path, query } = split(text.slice(scheme.length));
  if (authority.includes("@")) return "userinfo";
  const { host, port } = splitAuthority(authority);
  if (!isHost(host)) return "bad-host";
  if (port !== undefined && !isPort(port)) return "bad-port";
  const loopbackHttp = (rules.native || rules.allowLoopbackHttp === true) && isLoopbackHost(host);
  if (scheme === "http://" && !loopbackHttp) return "not-https";
  return checkPath(path) ?? checkQuery(query);
}

/**
 * Finds the registered URI that a request names: the same bytes, nothing else (S-01). For native apps a loopback
 * address may come with any port (S-04), since the app takes a free one; `localhost` may not, it is a name.
 * @returns the URI to redirect to, made of registered text and at most a port number; undefined when none matches.
 */
export function matchRedirectUri(
  received: string,
  registered: readonly string[],
  { native }: { readonly native: boolean },
): string | undefined {
  const exact = registered.find((uri) => uri === received);
  if (exact !== undefined || !native) return exact;
  const wanted = splitLoopback(received);
  if (wanted === undefined) return undefined;
  for (const uri of registered) {
    const known = splitLoopback(uri);
    if (known !== undefined && known.origin === wanted.origin && known.rest === wanted.rest) {
      return `${known.origin}${wanted.port === "" ? "" : `:${wanted.port}`}${known.rest}`;
    }
  }
  return undefined;
}

const loopbackOrigins = ["http://127.0.0.1", "http://[::1]"];

function splitLoopback(uri: string): { origin: string; port: string; rest: string } | undefined {
  const origin = loopbackOrigins.find((prefix) => uri.startsWith(prefix));
  if (origin === undefined) return undefined;
  const after = uri.slice(origin.length);
  const pathStart = after.search(/[/?]/);
  const portText = pathStart < 0 ? after : after.slice(0, pathStart);
  const rest = pathStart < 0 ? "" : after.slice(pathStart);
  // What stands between host and path is a port or nothing: `.evil.example`, `:80@evil` and `:0x50` are no ports.
  if (portText !== "" && !(portText.startsWith(":") && isPort(portText.slice(1)))) return undefined;
  return { origin, port: portText.slice(1), rest };
}

function split(afterScheme: string): { authority: string; path: string; query: string } {
  const mark = afterScheme.indexOf("?");
  const beforeQuery = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const slash = beforeQuery.indexOf("/");
  return {
    authority: slash < 0 ? beforeQuery : beforeQuery.slice(0, slash),
    path: slash < 0 ? "" : beforeQuery.slice(slash),
    query: mark < 0 ? "" : afterScheme.slice(mark + 1),
  };
}

function splitAuthority(authority: string): { host: string; port: string | undefined } {
  const colon = authority.indexOf(":", authority.startsWith("[") ? Math.max(authority.indexOf("]"), 0) : 0);
  return colon < 0
    ? { host: authority, port: undefined }
    : { host: authority.slice(0, colon), port: authority.slice(colon + 1) };
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) {
    const inner = host.slice(1, -1);
    return host.endsWith("]") && !inner.includes("%") && ipaddr.IPv6.isValid(inner);
  }
  const labels = host.split(".");
  const last = labels.at(-1) ?? "";
  // Browsers read a last label that looks like a number as an address: `127.1`, `2130706433`, `0x7f.1`.
  if (/^(?:\d|0x)/.test(last)) return ipaddr.IPv4.isValidFourPartDecimal(host);
  return host.length <= 253 && labels.every(isLabel);
}

function isLabel(label: string): boolean {
  return /^[a-z0-9-]{1,63}$/.test(label) && !label.startsWith("-") && !label.endsWith("-");
}

function isPort(text: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535;
}

function checkPath(path: string): RedirectUriProblem | undefined {
  if (path.includes("[") || path.includes("]")) return "forbidden-character";
  if (decoded(path) === undefined) return "bad-encoding";
  const segments = path.split("/").map((segment) => segment.replaceAll(/%2e/gi, "."));
  return segments.some((segment) => segment === "." || segment === "..") ? "dot-segment" : undefined;
}

function checkQuery(query: string): RedirectUriProblem | undefined {
  // Some servers split at semicolons too, so a key may hide behind one.
  for (const piece of query.split(/[&;]/)) {
    const text = decoded(piece.replaceAll("+", " "));
    if (text === undefined) return "bad-encoding";
    const equals = text.indexOf("=");
    if (reservedKeys.has((equals < 0 ? text : text.slice(0, equals)).trim().toLowerCase())) return "reserved-query-key";
  }
  return undefined;
}

/** The text without percent-encoding; undefined when it is no UTF-8 or hides a control character. */
function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return hasControlCharacter(plain) ? undefined : plain;
  } catch {
    return undefined;
  }
}
