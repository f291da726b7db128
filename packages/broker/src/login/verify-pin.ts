import type { BrokerParts } from "../parts.ts";
import { acceptPin, countPinTry, findAccount, lockAfterFailures } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import { PIN_TRIES } from "./throttle.ts";

/**
 * Checks a PIN for any channel: pages, push approval, console share this one count and lock (S-50). The try is
 * counted before the PIN is looked at, and the same work is done when the account is locked (S-43, S-47).
 * @returns whether the PIN is right and the account is not locked
 */
export async function verifyPin(parts: BrokerParts, accountId: string, pin: string): Promise<boolean> {
  const pinHash = await parts.db.write(function* (): Verb<string | undefined> {
    const mayTry = yield* countPinTry(accountId, PIN_TRIES);
    const account = yield* findAccount(accountId);
    return mayTry ? (account?.pinHash ?? undefined) : undefined;
  });
  const verdict = await parts.hasher.verify(pinHash, pin);
  const now = parts.clock.now();
  await parts.db.write(function* (): Verb<void> {
    if (verdict.matches) return yield* acceptPin(accountId, verdict.rehash);
    yield* appendAudit(parts.keys.audit, { at: now, event: "login.pin-refused", accountId });
    if (yield* lockAfterFailures(accountId, PIN_TRIES, now)) {
      yield* appendAudit(parts.keys.audit, { at: now, event: "login.locked", accountId });
    }
  });
  return verdict.matches;
}

const PIN = /^[0-9]{6}$/;

/** A PIN is six ASCII digits. */
export function isPin(text: string): boolean {
  return PIN.test(text);
}
