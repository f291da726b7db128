import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import type { HmacKey } from "../crypto/hmac-key.ts";
import { appendAudit, newestAuditRow } from "./audit.ts";
import type { AuditHead } from "./audit-chain.ts";
import { execute, selectOne, type Verb } from "./verb.ts";

/**
 * A chain shows what was changed or taken out of it, but a shorter chain is a chain too. So its head is kept apart: in
 * a row of its own that moves once a minute, which costs the token exchange nothing, and wherever an operator writes
 * down what `kunji admin audit head` prints.
 */
const NAME = "audit head";

const TEXT = /^([0-9]{1,15})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** A head as text, with a tag under the audit key: row number, hash and tag. */
export function writeAuditHead(key: HmacKey, { seq, hash }: AuditHead): string {
  const text = Buffer.from(hash).toString("base64url");
  return `${seq}.${text}.${headTag(key, seq, text).toString("base64url")}`;
}

/** @returns undefined for anything that was not written under this key */
export function readAuditHead(key: HmacKey, text: string): AuditHead | undefined {
  const [, seq = "", hash = "", tag = ""] = TEXT.exec(text) ?? [];
  if (!equalDigests(headTag(key, Number(seq), hash), Buffer.from(tag, "base64url"))) return undefined;
  return { seq: Number(seq), hash: Buffer.from(hash, "base64url") };
}

function headTag(key: HmacKey, seq: number, hash: string): Buffer {
  return keyedDigest(key, `kunji audit head 1\n${seq}\n${hash}`);
}

/** What the row of the head says. */
export type StoredAuditHead =
  | { readonly outcome: "head"; readonly head: AuditHead }
  /** No head was ever stored, or it was removed. */
  | { readonly outcome: "absent" }
  /** Not written under this key. */
  | { readonly outcome: "forged" };

export function* findStoredHead(key: HmacKey): Verb<StoredAuditHead> {
  const row = yield* selectOne<{ value: string }>("SELECT value FROM facts WHERE name = ?", NAME);
  if (!row) return { outcome: "absent" };
  const head = readAuditHead(key, row.value);
  return head ? { outcome: "head", head } : { outcome: "forged" };
}

/** Whether the chain still goes through a head. One look-up; `AuditWalk` looks at the rows in between. */
export function* reachesHead({ seq, hash }: AuditHead): Verb<boolean> {
  if (seq === 0) return true;
  const row = yield* selectOne<{ hash: Uint8Array }>("SELECT hash FROM audit WHERE seq = ?", seq);
  return row !== undefined && equalDigests(row.hash, hash);
}

/**
 * Stores a head before there is a row, so that a head that is missing later was taken away.
 * @returns what is stored now
 */
export function* startAuditHead(key: HmacKey): Verb<StoredAuditHead> {
  // The rows first: another process that starts at the same time stores its head before it writes any.
  const newest = yield* newestAuditRow();
  const stored = yield* findStoredHead(key);
  if (stored.outcome !== "absent" || newest.seq > 0) return stored;
  yield* execute(
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
    NAME,
    writeAuditHead(key, newest),
  );
  return { outcome: "head", head: newest };
}

/**
 * Moves the stored head to the newest row (S-99). It stays where it is when the chain no longer goes through it, and
 * when it was taken away: whatever followed would hide that.
 * @returns false when it stays for such a reason: `kunji admin audit verify` says what happened
 */
export function* storeAuditHead(key: HmacKey): Verb<boolean> {
  const stored = yield* startAuditHead(key);
  if (stored.outcome !== "head" || !(yield* reachesHead(stored.head))) return false;
  const newest = yield* newestAuditRow();
  if (newest.seq > stored.head.seq) {
    // Another process may have moved it further meanwhile: only what was read is replaced, so it never goes back.
    yield* execute(
      "UPDATE facts SET value = ? WHERE name = ? AND value = ?",
      writeAuditHead(key, newest),
      NAME,
      writeAuditHead(key, stored.head),
    );
  }
  return true;
}

/** Begins anew after rows were lost, when an operator knows of it and says so. The chain keeps that it happened. */
export function* renewAuditHead(key: HmacKey, now: number): Verb<void> {
  yield* appendAudit(key, { at: now, event: "audit.head-renewed", detail: { by: "operator" } });
  yield* execute(
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    NAME,
    writeAuditHead(key, yield* newestAuditRow()),
  );
}

/** Forgets the head: only where the rows go too. */
export function* forgetAuditHead(): Verb<void> {
  yield* execute("DELETE FROM facts WHERE name = ?", NAME);
}
