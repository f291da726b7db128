/**
 * Keeps webhook deliveries out of our own network. An app owner chooses the URL, so it is checked twice: as text when
 * it is registered (S-64), and as an address inside the connection's own name lookup (S-65), where nothing can change
 * between the check and the connect.
 */
import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

const MAX_URL_BYTES = 512;

/** What a webhook URL may be, beyond https on the default port. */
export interface WebhookUrlRules {
  /** For development: `localhost`, `127.0.0.1` and `[::1]` are allowed, on any port, with http or https. */
  allowLoopbackHttp: boolean;
  /** Ports allowed beside 443. Default: none. */
  ports?: readonly number[] | undefined;
}

/** `problem` is one sentence for the app's owner. */
export type WebhookUrlCheck = { outcome: "accepted"; url: URL } | { outcome: "refused"; problem: string };

/**
 * Judges a webhook URL by its text alone (S-64): nothing is resolved, nothing is contacted.
 * Spellings that a URL parser would turn into another host (`0x7f.1`, `127.1`, `2130706433`, percent-encoding,
 * full-width letters) are refused rather than repaired (S-66).
 */
export function checkWebhookUrl(text: string, rules: WebhookUrlRules): WebhookUrlCheck {
  if (text.length > MAX_URL_BYTES) return refuse(`The URL is longer than ${MAX_URL_BYTES} characters.`);
  if (!/^[!-~]+$/.test(text) || text.includes("\\"))
    return refuse("The URL contains characters that do not belong in one.");
  const parts = /^(https?):\/\/([^/?#]*)/.exec(text);
  if (parts === null) return refuse("The URL must start with https://.");
  const [, scheme, authority = ""] = parts;
  if (authority.includes("@")) return refuse("The URL must not contain a user name or password.");
  if (text.includes("#")) return refuse("The URL must not contain a fragment (#).");
  const host = /^(\[[^\]]*\]|[^:[\]]+)(?::[0-9]{1,5})?$/.exec(authority)?.[1]?.toLowerCase();
  if (host === undefined || !URL.canParse(text)) return refuse("The URL has no valid host and port.");
  const url = new URL(text);
  if (isLoopbackHost(host)) {
    return rules.allowLoopbackHttp ? { outcome: "accepted", url } : refuse("The URL must not point to this machine.");
  }
  if (scheme !== "https") return refuse("The URL must start with https://.");
  // The parser makes an address out of many odd spellings of IPv4; the host as written is what gets judged.
  const problem = host.startsWith("[") || isIP(url.hostname) !== 0 ? literalProblem(host) : nameProblem(host, url);
  if (problem !== undefined) return refuse(problem);
  if (url.port !== "" && !(rules.ports ?? []).includes(Number(url.port))) {
    return refuse(`The URL must not name port ${url.port}.`);
  }
  return { outcome: "accepted", url };
}

/**
 * Whether an address belongs to the public internet: not in any range of the IANA special-purpose registries (S-66).
 * @param address an IPv4 or IPv6 address as a resolver prints it; any other text is not public.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || address.includes("%")) return false; // odd spellings; a zone id means link-local
  if (NON_PUBLIC_V4.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  // Only 2000::/3 is allocated as global unicast; ipaddr.js calls everything it does not know unicast, e.g. the
  // deprecated IPv4-compatible ::/96.
  return parsed.kind() === "ipv4" || parsed.match(GLOBAL_UNICAST_V6);
}

const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Public by its number, but answered by the virtual machine's own host: Azure's metadata and agent endpoint. */
const NON_PUBLIC_V4: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** Asks for all addresses of a host name. Rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Thrown into the connection when a host has an address we do not go to. Does not say which. */
export class AddressRefusedError extends Error {
  readonly code = "ADDRESS_REFUSED";

  constructor() {
    super("The host has an address that is not public.");
    this.name = "AddressRefusedError";
  }
}

/**
 * Makes a `lookup` function for node:net, node:http and node:https. It resolves, requires *every* address to be
 * public, and hands exactly those addresses to the connect that is under way: no second resolution, so a name that
 * changes its mind between check and use (DNS rebinding) gains nothing (S-65).
 *
 * node:net never looks up IP literals: check those with {@link checkWebhookUrl} first.
 * @param options.allowLoopback for development: the name `localhost` may have loopback addresses, and only those.
 */
export function guardedLookup(resolve: Resolve, options: { allowLoopback: boolean }): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    const allowed = options.allowLoopback && hostname === "localhost" ? isLoopbackAddress : isPublicAddress;
    resolve(hostname).then(
      (addresses) => {
        if (!addresses.every(({ address }) => allowed(address))) return callback(new AddressRefusedError(), "");
        const usable = ofFamily(addresses, lookupOptions.family);
        const first = usable[0];
        if (first === undefined) return callback(notFound(hostname), "");
        if (lookupOptions.all) return callback(null, usable);
        return callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : notFound(hostname), ""),
    );
  };
}

/** The part of a DNS resolver that {@link dnsResolve} needs; `Resolver` of node:dns/promises has it. */
export interface AddressResolver {
  resolve4(hostname: string): Promise<string[]>;
  resolve6(hostname: string): Promise<string[]>;
}

/**
 * Resolves by asking DNS servers directly. Unlike `dns.lookup` this occupies no thread of the pool that hashes
 * passwords, so slow name servers of webhook owners cannot delay logins (S-70), and it reads no hosts file.
 * `localhost` is answered without asking (RFC 6761 6.3).
 */
export function dnsResolve(resolver: AddressResolver = new Resolver({ timeout: 1_500, tries: 2 })): Resolve {
  return async (hostname) => {
    if (hostname === "localhost") {
      return [
        { address: "127.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ];
    }
    // IPv4 first: a server without IPv6 is commoner than one without IPv4.
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = [
      ...(v4.status === "fulfilled" ? v4.value.map((address) => ({ address, family: 4 })) : []),
      ...(v6.status === "fulfilled" ? v6.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (addresses.length === 0) throw v4.status === "rejected" ? v4.reason : notFound(hostname);
    return addresses;
  };
}

function refuse(problem: string): WebhookUrlCheck {
  return { outcome: "refused", problem };
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || host === "[::1]";
}

function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && ipaddr.parse(address).range() === "loopback";
}

function literalProblem(host: string): string | undefined {
  const address = host.startsWith("[") ? host.slice(1, -1) : host;
  return isPublicAddress(address) ? undefined : "The URL must point to a public address.";
}

function nameProblem(host: string, url: URL): string | undefined {
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  if (url.hostname !== host || host.length > 253 || !new RegExp(`^${label}(?:\\.${label})*$`).test(host)) {
    return "The URL has no valid host name.";
  }
  const isLocal = !host.includes(".") || host.endsWith(".localhost");
  return isLocal ? "The URL must name a full public host name." : undefined;
}

function ofFamily(addresses: readonly LookupAddress[], family: number | string | undefined): LookupAddress[] {
  const wanted = family === "IPv4" ? 4 : family === "IPv6" ? 6 : (family ?? 0);
  return addresses.filter((entry) => wanted === 0 || entry.family === wanted);
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`No address found for ${hostname}.`), { code: "ENOTFOUND" });
}
