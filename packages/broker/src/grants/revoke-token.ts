import type { BrokerParts } from "../parts.ts";
import { appendAudit } from "../store/audit.ts";
import { revokeToken, type StoredToken } from "../store/tokens.ts";
import type { Verb } from "../store/verb.ts";

/** Ends one token, with its audit row. @returns false when it was ended before */
export function* revoke(
  parts: BrokerParts,
  token: Pick<StoredToken, "token_key" | "client_id" | "account_id">,
  now: number,
): Verb<boolean> {
  if (!(yield* revokeToken(token.token_key, now))) return false;
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "token.revoked",
    clientId: token.client_id,
    accountId: token.account_id,
    detail: { token: token.token_key },
  });
  return true;
}
