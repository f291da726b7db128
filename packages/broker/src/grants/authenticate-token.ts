import { readCredential } from "../crypto/credential.ts";
import { equalDigests } from "../crypto/digest.ts";
import type { BrokerParts } from "../parts.ts";
import { findToken, type StoredToken } from "../store/tokens.ts";
import type { TokenRules } from "./token-rules.ts";

/**
 * Finds the live token a caller presents, straight from the primary store on every use (S-29).
 * @returns undefined when it is unknown, expired, revoked, or its app or account has voided it: no one can tell which
 */
export async function authenticateToken(
  parts: BrokerParts,
  rules: TokenRules,
  text: string,
): Promise<StoredToken | undefined> {
  const presented =
    readCredential(rules.accessPrefix, text) ?? (rules.extended && readCredential(rules.extended.prefix, text));
  if (!presented) return undefined;
  const token = await parts.db.read(() => findToken(presented.rowKey));
  if (!token || !equalDigests(token.digest, presented.digest)) return undefined;
  const live = token.current === 1 && token.expires_at > parts.clock.now();
  return live ? token : undefined;
}
