import type { KeyObject } from "node:crypto";
import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import { execute, selectAll, selectOne, type Verb } from "./verb.ts";

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

interface AuditRow {
  seq: number;
  at: number;
  event: string;
  client_id: string | null;
  account_id: string | null;
  detail: string;
  hash: Uint8Array;
}

const GENESIS = Buffer.alloc(32);

/**
 * Appends a row whose hash covers the row before it, under a key outside the database: editing or deleting one
 * breaks the chain from there on (S-99). Call it in the transaction of the change it records (S-98).
 */
export function* appendAudit(key: KeyObject, entry: AuditEntry): Verb<void> {
  const last = yield* selectOne<{ hash: Uint8Array }>("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1");
  const detail = entry.detail ? JSON.stringify(entry.detail) : "{}";
  const row = {
    at: entry.at,
    event: entry.event,
    client_id: entry.clientId ?? null,
    account_id: entry.accountId ?? null,
    detail,
  };
  yield* execute(
    "INSERT INTO audit (at, event, client_id, account_id, detail, hash) VALUES (?, ?, ?, ?, ?, ?)",
    row.at,
    row.event,
    row.client_id,
    row.account_id,
    row.detail,
    chainHash(key, last?.hash ?? GENESIS, row),
  );
}

/** Where the chain breaks, if it does. */
export type AuditVerdict =
  | { readonly outcome: "whole"; readonly rows: number }
  | { readonly outcome: "broken"; readonly seq: number };

/** Walks the whole chain. */
export function* verifyAudit(key: KeyObject): Verb<AuditVerdict> {
  const rows = yield* selectAll<AuditRow>("SELECT * FROM audit ORDER BY seq");
  let previous: Uint8Array = GENESIS;
  for (const row of rows) {
    if (!equalDigests(chainHash(key, previous, row), row.hash)) return { outcome: "broken", seq: row.seq };
    previous = row.hash;
  }
  return { outcome: "whole", rows: rows.length };
}

function chainHash(key: KeyObject, previous: Uint8Array, row: Omit<AuditRow, "seq" | "hash">): Buffer {
  const fields = [row.at, row.event, row.client_id, row.account_id, row.detail];
  return keyedDigest(key, `${Buffer.from(previous).toString("base64")}\n${JSON.stringify(fields)}`);
}
