/** The broker's own cookies: read strictly, written with every protection a browser offers (S-38, S-39). */
import { HttpFault } from "./http-fault.ts";
import { isLoopbackHost } from "./loopback-host.ts";

export interface Cookies {
  /**
   * Our cookies of a `Cookie` header, by the short name they were set under; cookies of others are ignored.
   * @throws HttpFault `repeated-parameter` when one of our names comes twice (S-39).
   */
  read(header: string | undefined): Readonly<Record<string, string>>;
  /** A `Set-Cookie` value. Without `maxAgeSeconds` the cookie lives as long as the browser runs. */
  set(name: string, value: string, options?: { readonly maxAgeSeconds?: number }): string;
  /** A `Set-Cookie` value that makes the browser forget the cookie. */
  clear(name: string): string;
}

const cookieName = /^[A-Za-z0-9_-]+$/;
// RFC 6265 4.1.1 cookie-octet: no space, quote, comma, semicolon, backslash.
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/**
 * Cookies of the server at `issuer`.
 * @param prefix starts each of our names, before it `__Host-` when the issuer is https.
 * @throws TypeError for an issuer that is neither https nor http on a loopback host: there a cookie could not be
 * protected, and the prefix may be dropped on loopback only (S-38).
 */
export function createCookies({ issuer, prefix }: { readonly issuer: string; readonly prefix: string }): Cookies {
  if (!cookieName.test(prefix)) throw new TypeError("cookie prefix");
  const secure = isSecure(issuer);
  const fullPrefix = `${secure ? "__Host-" : ""}${prefix}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;

  function write(name: string, value: string, maxAgeSeconds: number | undefined): string {
    if (!cookieName.test(name)) throw new TypeError("cookie name");
    if (!cookieValue.test(value)) throw new TypeError("cookie value");
    const age = maxAgeSeconds === undefined ? "" : `; Max-Age=${Math.floor(maxAgeSeconds)}`;
    return `${fullPrefix}${name}=${value}; ${attributes}${age}`;
  }

  return {
    read: (header) => readCookies(header, fullPrefix),
    set: (name, value, options) => write(name, value, options?.maxAgeSeconds),
    clear: (name) => write(name, "", 0),
  };
}

const none: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

function readCookies(header: string | undefined, fullPrefix: string): Readonly<Record<string, string>> {
  if (header === undefined || !header.includes(fullPrefix)) return none;
  const found: Record<string, string> = Object.create(null);
  // Node joins several Cookie headers with "; ", so a name repeated across headers is seen here too.
  for (const piece of header.split(";")) {
    const pair = piece.trim();
    if (!pair.startsWith(fullPrefix)) continue;
    const separator = pair.indexOf("=");
    const name = pair.slice(fullPrefix.length, separator < 0 ? undefined : separator).trimEnd();
    if (found[name] !== undefined) throw new HttpFault("repeated-parameter", { parameter: name });
    // A value we cannot have set reads as empty: it names no session, and a person with a broken cookie of
    // ours is asked to log in again rather than locked out.
    const value = separator < 0 ? "" : pair.slice(separator + 1).trimStart();
    found[name] = cookieValue.test(value) ? value : "";
  }
  return found;
}

function isSecure(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  if (protocol === "https:") return true;
  if (protocol === "http:" && isLoopbackHost(hostname)) return false;
  throw new TypeError("the issuer must be https, or http on a loopback address");
}
