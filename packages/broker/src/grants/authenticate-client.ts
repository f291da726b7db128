import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import type { BrokerParts } from "../parts.ts";
import { type Client, findAnyClient } from "../store/clients.ts";

/** What the check of a secret looks at. */
export type SecretHolder = Pick<
  Client,
  "dialect" | "status" | "secretDigest" | "previousSecretDigest" | "previousSecretUntil"
>;

export type ClientAuthentication<Holder extends SecretHolder = Client> =
  | { readonly outcome: "authenticated"; readonly client: Holder }
  | { readonly outcome: "inactive"; readonly client: Holder }
  | { readonly outcome: "refused" };

const REFUSED: ClientAuthentication<never> = { outcome: "refused" };

/** Stands in for the digest of an app that does not exist, so that the same work is done (S-21). */
const NO_DIGEST = Buffer.alloc(32);

/** A secret as it is stored and compared (S-20). */
export function secretDigest({ keys }: Pick<BrokerParts, "keys">, secret: string): Buffer {
  return keyedDigest(keys.clientSecret, secret);
}

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
  const presented = secretDigest(parts, credentials.clientSecret);
  return judgeSecret(client, presented, { dialect: credentials.dialect, now: parts.clock.now() });
}

/**
 * The same of an app that was looked up already.
 * @param presented `secretDigest()` of what the caller sent
 */
export function judgeSecret<Holder extends SecretHolder>(
  client: Holder | undefined,
  presented: Buffer,
  { dialect, now }: { readonly dialect: string | undefined; readonly now: number },
): ClientAuthentication<Holder> {
  const matchesCurrent = equalDigests(presented, client?.secretDigest ?? NO_DIGEST);
  const matchesPrevious = equalDigests(presented, client?.previousSecretDigest ?? NO_DIGEST);
  if (!client) return REFUSED;
  if (dialect !== undefined && client.dialect !== dialect) return REFUSED;
  const previousCounts = (client.previousSecretUntil ?? 0) > now;
  if (!matchesCurrent && !(matchesPrevious && previousCounts)) return REFUSED;
  return { outcome: client.status === "active" ? "authenticated" : "inactive", client };
}
