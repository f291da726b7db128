import { isLoopbackHost } from "./loopback-host.ts";

/** An HTTP service of the operator's that the broker calls. */
export interface GatewayAddress {
  /** Without user name, password and fragment. */
  readonly url: URL;
  /** The header that proves who we are, e.g. `["authorization", "Bearer ..."]`. */
  readonly credential: readonly [name: string, value: string] | undefined;
}

/**
 * Reads the setting of a gateway: `https://token@gateway.example/path` sends `Authorization: Bearer token`; with
 * `#header=x-api-key` the token travels in that header instead. `http:` only to this machine.
 * @param what starts every error sentence, such as "Message sender"; no part of the URL is repeated (S-96)
 * @throws TypeError with a sentence for the operator
 */
export function readGatewayAddress(url: URL, what: string): GatewayAddress {
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname))) {
    throw new TypeError(`${what}: the gateway must use https://; what it gets is secret.`);
  }
  const target = new URL(url);
  target.username = "";
  target.password = "";
  target.hash = "";
  return { url: target, credential: readCredential(url, what) };
}

/** The token is the URL's user name or password, whichever is there; the fragment is ours because it never travels. */
function readCredential(url: URL, what: string): [name: string, value: string] | undefined {
  if (url.username !== "" && url.password !== "") {
    throw new TypeError(`${what}: the gateway's URL takes one token before the @, not user and password.`);
  }
  const token = decodeUrlPart(url.username === "" ? url.password : url.username, what);
  if (!/^[\x21-\x7e]*$/.test(token)) {
    throw new TypeError(`${what}: the gateway's token contains characters that a header cannot carry.`);
  }
  const header = /^#header=([A-Za-z0-9-]+)$/.exec(url.hash)?.[1];
  if (url.hash !== "" && (header === undefined || token === "")) {
    throw new TypeError(`${what}: after # only header=NAME can stand, and a token before the @ is then needed.`);
  }
  if (token === "") return undefined;
  return header === undefined ? ["authorization", `Bearer ${token}`] : [header.toLowerCase(), token];
}

/** @throws TypeError when user, password or token are not percent-encoded */
export function decodeUrlPart(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new TypeError(`${what}: user, password and token must be percent-encoded (% is %25).`);
  }
}
