import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";

/** The issuer of one broker: what its metadata and the `iss` of its answers say (RFC 8414, RFC 9207, S-09). */
export function issuerOf(
  { issuer }: Pick<BrokerContext, "issuer">,
  { issuerPath }: Pick<DialectIdentity, "issuerPath">,
): string {
  return issuer() + issuerPath;
}
