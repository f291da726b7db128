import ipaddr from "ipaddr.js";

/**
 * Reads an IP address that somebody registers. Only the usual spellings are taken: the library also reads `127.1` and
 * `0x7f.1`.
 * @returns one canonical spelling per address, so that two spellings of one count as equal; IPv4 mapped into IPv6 is IPv4
 */
export function readIpAddress(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}
