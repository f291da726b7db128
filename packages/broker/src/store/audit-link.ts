import type { AuditLink, Statement } from "./verb.ts";

/** The newest row: what the next one is linked to. */
export const NEWEST_AUDIT_HASH = "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1";

const APPEND = "INSERT INTO audit (at, event, client_id, account_id, detail, hash) VALUES (?, ?, ?, ?, ?, ?)";

/** Appends a row to the chain, where nobody else can write at the same time. @param hash of the row */
export function appendLink({ link }: AuditLink, hash: Uint8Array): Statement {
  return {
    text: APPEND,
    params: [link.at, link.event, link.client_id, link.account_id, link.detail, hash],
    firstOnly: false,
  };
}
