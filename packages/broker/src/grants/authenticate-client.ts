import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import type { BrokerParts } from "../parts.ts";
import { type Client, findAnyClient } from "../store/clients.ts";

export type ClientAuthentication =
  | { readonly outcome: "authenticated"; readonly client: Client }
  | { readonly outcome: "inactive"; readonly client: Client }
  | { readonly outcome: "refused" };

const REFUSED: ClientAuthentication = { outcome: "refused" };

/** Stands in for the digest of an app that does not exist, so that the same work is done (S-21). */
const NO_DIGEST = Buffer.alloc(32);

/**
 * Checks an app's secret. An unknown app, a wrong secret and an app of another dialect are one outcome and cost the
 * same.
 * @param dialect absent for the endpoints that serve every dialect
 */
export async function authenticateClient(
  parts: BrokerParts,
  credentials: { readonly dialect?: string; readonly clientId: string; readonly clientSecret: string },
): Promise<ClientAuthentication> {
  const client = await parts.db.read(() => findAnyClient(credentials.clientId));
  const presented = keyedDigest(parts.keys.clientSecret, credentials.clientSecret);
  const matchesCurrent = equalDigests(presented, client?.secretDigest ?? NO_DIGEST);
  const matchesPrevious = equalDigests(presented, client?.previousSecretDigest ?? NO_DIGEST);
  if (!client) return REFUSED;
  if (credentials.dialect !== undefined && client.dialect !== credentials.dialect) return REFUSED;
  const previousCounts = (client.previousSecretUntil ?? 0) > parts.clock.now();
  if (!matchesCurrent && !(matchesPrevious && previousCounts)) return REFUSED;
  return { outcome: client.status === "active" ? "authenticated" : "inactive", client };
}
