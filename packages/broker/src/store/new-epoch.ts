import type { HmacKey } from "../crypto/hmac-key.ts";
import { appendAudit } from "./audit.ts";
import { forgetClockMark } from "./clock-mark.ts";
import { forgetSweep } from "./sweep.ts";
import { execute, type Verb } from "./verb.ts";

/**
 * Voids every code, session and token at once (S-123). To be run on a restored backup before it serves: what was
 * spent, revoked or ended after the backup was made would live again in it. People, apps and their secrets stay.
 * @param auditKey from the broker keys
 * @param now epoch milliseconds
 */
export function* startNewEpoch(auditKey: HmacKey, now: number): Verb<void> {
  // Codes and tokens carry the epochs they were issued under, so this voids them all without touching their rows.
  yield* execute("UPDATE clients SET token_epoch = token_epoch + 1, code_epoch = code_epoch + 1");
  yield* execute("UPDATE accounts SET token_epoch = token_epoch + 1, extended_epoch = extended_epoch + 1");
  yield* execute("DELETE FROM attempts");
  yield* execute("DELETE FROM browser_sessions");
  yield* execute("UPDATE token_requests SET state = 'expired', decided_at = ? WHERE state = 'pending'", now);
  // A delivery that waits carries a token that is void now.
  yield* execute("UPDATE outbox SET state = 'expired', body = NULL, settled_at = ? WHERE state = 'waiting'", now);
  // With nothing left to revive, a mark that a wrong clock left behind may go too (S-114).
  yield* forgetClockMark();
  yield* forgetSweep();
  yield* appendAudit(auditKey, { at: now, event: "epoch.started" });
}
