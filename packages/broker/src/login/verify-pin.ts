import type { BrokerParts } from "../parts.ts";
import { acceptPin, countPinTry, findAccount, lockAfterFailures, takeBackPinTry } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import { PIN_TRIES } from "./throttle.ts";

/**
 * Checks a PIN for any channel: pages, push approval, console share this one count and lock (S-50). The try is
 * counted before the PIN is looked at, and the same work is done when the account is locked (S-43, S-47).
 * @returns whether the PIN is right and the account is not locked
 */
export async function verifyPin(parts: BrokerParts, accountId: string, pin: string): Promise<boolean> {
  const { mayTry, pinHash } = await parts.db.write(function* () {
    const mayTry = yield* countPinTry(accountId, PIN_TRIES);
    const account = yield* findAccount(accountId);
    return { mayTry, pinHash: mayTry ? (account?.pinHash ?? undefined) : undefined };
  });
  const verdict = await verifyOrTakeBack(parts, accountId, mayTry, pinHash, pin);
  const now = parts.clock.now();
  await parts.db.write(function* (): Verb<void> {
    if (verdict.matches) return yield* acceptPin(accountId, pinHash ?? null, verdict.rehash);
    yield* appendAudit(parts.keys.audit, { at: now, event: "login.pin-refused", accountId });
    if (yield* lockAfterFailures(accountId, PIN_TRIES, now)) {
      yield* appendAudit(parts.keys.audit, { at: now, event: "login.locked", accountId });
    }
  });
  return verdict.matches;
}

/** A PIN that nobody had time to look at is no wrong one: a flood must not lock people out (S-124). */
async function verifyOrTakeBack(
  parts: BrokerParts,
  accountId: string,
  wasCounted: boolean,
  pinHash: string | undefined,
  pin: string,
) {
  try {
    return await parts.hasher.verify(pinHash, pin);
  } catch (error) {
    if (wasCounted) await parts.db.write(() => takeBackPinTry(accountId));
    throw error;
  }
}

const PIN = /^[0-9]{6}$/;

/** A PIN is six ASCII digits. */
export function isPin(text: string): boolean {
  return PIN.test(text);
}
