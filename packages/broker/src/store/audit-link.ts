import { type AuditLink, execute, selectOne, type Verb } from "./verb.ts";

/** The newest row: what the next one is linked to. */
export const NEWEST_AUDIT_HASH = "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1";

/** Appends a row to the chain, where nobody else can write at the same time. */
export function* linkNow({ link, hashAfter }: AuditLink): Verb<void> {
  const newest = yield* selectOne<{ hash: Uint8Array }>(NEWEST_AUDIT_HASH);
  yield* execute(
    "INSERT INTO audit (at, event, client_id, account_id, detail, hash) VALUES (?, ?, ?, ?, ?, ?)",
    link.at,
    link.event,
    link.client_id,
    link.account_id,
    link.detail,
    hashAfter(newest?.hash),
  );
}
