import type { BrokerParts } from "../parts.ts";
import { acceptPin, countPinTry, findAccount, lockAfterFailures, takeBackPinTry } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import type { ProvenSecret } from "./proven-secret.ts";
import { PIN_TRIES } from "./throttle.ts";

/**
 * Checks a PIN for any channel: pages, push approval, console share this one count and lock (S-50). The try is
 * counted before the PIN is looked at, and the same work is done when the account is locked (S-43, S-47).
 * @returns a proof for what the PIN decides, see `stillCounts()`; undefined when the PIN is wrong, was replaced while it
 * was compared, or the account is locked
 */
export async function verifyPin(parts: BrokerParts, accountId: string, pin: string): Promise<ProvenSecret | undefined> {
  const { mayTry, pinHash, extendedEpoch } = await parts.db.write(function* () {
    const mayTry = yield* countPinTry(accountId, PIN_TRIES);
    const account = yield* findAccount(accountId);
    const extendedEpoch = account?.extendedEpoch ?? 0;
    return { mayTry, pinHash: mayTry ? (account?.pinHash ?? undefined) : undefined, extendedEpoch };
  });
  const verdict = await verifyOrTakeBack(parts, accountId, mayTry, pinHash, pin);
  const now = parts.clock.now();
  const proven = { accountId, extendedEpoch };
  return await parts.db.write(function* () {
    if (verdict.matches && (yield* acceptPin(proven, pinHash ?? null, verdict.rehash))) return proven;
    yield* appendAudit(parts.keys.audit, { at: now, event: "login.pin-refused", accountId });
    if (yield* lockAfterFailures(accountId, PIN_TRIES, now)) {
      yield* appendAudit(parts.keys.audit, { at: now, event: "login.locked", accountId });
    }
    return undefined;
  });
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
