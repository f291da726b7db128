import type { HmacKey } from "../crypto/hmac-key.ts";
import { type AuditHead, type AuditProblem, type AuditRow, AuditWalk, chainHash, GENESIS } from "./audit-chain.ts";
import { selectAll, selectOne, type Verb } from "./verb.ts";

/** What happened; the list is the audit vocabulary (S-98). */
export type AuditEvent =
  | "login.started"
  | "login.otp-sent"
  | "login.otp-accepted"
  | "login.otp-refused"
  | "login.pin-refused"
  | "login.password-refused"
  | "login.password-accepted"
  | "login.direct"
  | "basket.placing"
  | "basket.placed"
  | "basket.refused"
  | "basket.unknown"
  | "account.logged-out"
  | "login.locked"
  | "login.cancelled"
  | "login.pan-accepted"
  | "login.pan-refused"
  | "login.pin-reset"
  | "code.issued"
  | "code.wasted"
  | "code.replayed"
  | "token.issued"
  | "token.revoked"
  | "extended-token.issued"
  | "token-request.opened"
  | "token-request.approved"
  | "token-request.rejected"
  | "static-ip.changed"
  | "client.registered"
  | "client.renamed"
  | "client.owner-changed"
  | "client.flows-changed"
  | "client.secret-rotated"
  | "client.redirect-uris-changed"
  | "client.notifier-url-changed"
  | "client.webhook-secret-changed"
  | "client.ips-changed"
  | "client.status-changed"
  | "totp.enrolled"
  | "totp.removed"
  | "console.signed-in"
  | "console.signed-out"
  | "account.opened"
  | "account.pin-set"
  | "account.mobile-changed"
  | "account.unlocked"
  | "account.closed"
  | "account.reopened"
  | "audit.head-renewed"
  | "epoch.started";

export interface AuditEntry {
  /** Epoch milliseconds, UTC. */
  readonly at: number;
  readonly event: AuditEvent;
  readonly clientId?: string | undefined;
  readonly accountId?: string | undefined;
  /** Row keys and reasons; never a secret. */
  readonly detail?: Readonly<Record<string, string | number>>;
}

/**
 * Appends a row whose hash covers the row before it, under a key outside the database: editing or deleting one
 * breaks the chain from there on (S-99). Call it in the transaction of the change it records (S-98). Where several
 * processes write, the row takes its place at the end of that transaction: the verb itself does not find it.
 */
export function* appendAudit(key: HmacKey, entry: AuditEntry): Verb<void> {
  const link = {
    at: entry.at,
    event: entry.event,
    client_id: entry.clientId ?? null,
    account_id: entry.accountId ?? null,
    detail: entry.detail ? JSON.stringify(entry.detail) : "{}",
  };
  yield { link, hashAfter: (previous) => chainHash(key, previous ?? GENESIS, link) };
}

/** Reads on from a row, oldest first. @param most rows at a time, so that no list grows with the years */
export function* listAuditRows(afterSeq: number, most: number): Verb<AuditRow[]> {
  return yield* selectAll<AuditRow>(
    "SELECT seq, at, event, client_id, account_id, detail, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
    afterSeq,
    most,
  );
}

/** The head of the chain as it is now. */
export function* newestAuditRow(): Verb<AuditHead> {
  const row = yield* selectOne<AuditHead>("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
  return row ?? { seq: 0, hash: GENESIS };
}

/** What a walk over the chain found. */
export type AuditVerdict =
  | { readonly outcome: "whole"; readonly rows: number }
  | { readonly outcome: "broken"; readonly rows: number; readonly problems: readonly AuditProblem[] };

const PAGE = 1_000;

/** Walks the whole chain in one transaction, page by page. What may be cut off its end, only a head can tell. */
export function* verifyAudit(key: HmacKey, heads: readonly AuditHead[] = []): Verb<AuditVerdict> {
  const walk = new AuditWalk(key, heads);
  let after = 0;
  for (;;) {
    const rows = yield* listAuditRows(after, PAGE);
    for (const row of rows) walk.take(row);
    const last = rows.at(-1);
    if (!last) break;
    after = last.seq;
  }
  const { rows, problems } = walk.finish();
  return problems.length === 0 ? { outcome: "whole", rows } : { outcome: "broken", rows, problems };
}
