/** The network address of the caller, and the key under which a throttle counts it (S-51). */
import ipaddr from "ipaddr.js";

export interface AddressReader {
  /**
   * The caller's address in canonical form: IPv4 dotted, IPv6 as RFC 5952 writes it.
   * @param socketAddress `request.socket.remoteAddress`; a connection that is already gone has none and reads `unknown`.
   * @param forwardedFor the X-Forwarded-For header; looked at only when the socket belongs to a listed proxy.
   */
  read(socketAddress: string | undefined, forwardedFor: string | readonly string[] | undefined): string;
}

/**
 * @param trustedProxies addresses or networks in CIDR form of the proxies in front of this server; none by default.
 * @throws TypeError for an entry that is neither.
 */
export function createAddressReader(trustedProxies: readonly string[] = []): AddressReader {
  const networks = trustedProxies.map(parseNetwork);
  return {
    read(socketAddress, forwardedFor) {
      if (socketAddress === undefined) return "unknown";
      // The kernel writes IPv4 canonically, plain or mapped, and without a proxy there is nothing else to look at:
      // the usual case, and parsing would take it 3 us.
      if (networks.length === 0) {
        const plain = socketAddress.startsWith("::ffff:") ? socketAddress.slice(7) : socketAddress;
        if (!plain.includes(":")) return plain;
      }
      let caller = parseAddress(socketAddress);
      if (caller === undefined) return "unknown";
      const hops = hopsOf(forwardedFor);
      // From the right: each listed proxy vouches for the one hop it appended, nobody vouches for the rest.
      while (isListed(caller, networks)) {
        const hop = hops.pop();
        const next: Address | undefined = hop === undefined ? undefined : parseAddress(hop.trim());
        if (next === undefined) break; // nothing, or nothing readable: the proxy itself is the last address we know
        caller = next;
      }
      return canonical(caller);
    },
  };
}

/**
 * The key under which callers share one throttle: an IPv4 address, or the /64 network of an IPv6 address, since one
 * household or server usually owns all of that.
 * @param address in any form; IPv4 mapped into IPv6 counts as IPv4. What is no address is its own key.
 */
export function throttleKey(address: string): string {
  if (!address.includes(":")) return address;
  const parsed = parseAddress(address);
  if (parsed === undefined) return address;
  if (parsed instanceof ipaddr.IPv4) return canonical(parsed);
  const network = [...parsed.parts.slice(0, 4), 0, 0, 0, 0];
  return `${new ipaddr.IPv6(network).toRFC5952String()}/64`;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function parseNetwork(text: string): [Address, number] {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  const longest = address instanceof ipaddr.IPv4 ? 32 : 128;
  const bits = slash < 0 ? longest : Number(text.slice(slash + 1));
  if (address === undefined || !Number.isInteger(bits) || bits < 0 || bits > longest) {
    throw new TypeError("a trusted proxy must be an IP address or a network in CIDR form");
  }
  return [address, bits];
}

/** Only the usual spellings: the library also reads `127.1` and `0x7f.1`, which no proxy writes. */
function parseAddress(text: string): Address | undefined {
  if (!text.includes(":")) {
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
  }
  const zone = text.indexOf("%"); // fe80::1%eth0: the zone names a local interface, not another caller
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (!ipaddr.IPv6.isValid(bare)) return undefined;
  const parsed = ipaddr.IPv6.parse(bare);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
}

function isListed(address: Address, networks: readonly [Address, number][]): boolean {
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

function hopsOf(forwardedFor: string | readonly string[] | undefined): string[] {
  if (forwardedFor === undefined) return [];
  return (typeof forwardedFor === "string" ? forwardedFor : forwardedFor.join(",")).split(",");
}

function canonical(address: Address): string {
  return address instanceof ipaddr.IPv4 ? address.toString() : address.toRFC5952String();
}
