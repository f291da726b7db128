import type { AccountId } from "./account.ts";
import type { Vault } from "./vault/vault.ts";

/** Runs `work` as the one login of this account, on whichever machine: everybody who logs it in waits for this lock. */
export function withLoginLock<T>(
  vault: Vault,
  { broker, account }: AccountId,
  work: (lost: AbortSignal) => Promise<T>,
  /** `waiting` is called once when somebody else has it. */
  options: { readonly signal: AbortSignal; readonly waiting: (() => void) | undefined },
): Promise<T> {
  return vault.withLock({ broker, account }, work, options);
}

/**
 * Whether some process logs this account in right now. Whoever looks has to hold the login's lock for a moment, so they
 * look one after the other: two of them would take each other for a login.
 */
export async function isLoggingIn(vault: Vault, { broker, account }: AccountId): Promise<boolean> {
  // No broker has this name, so no account's login can have this lock.
  return await vault.withLock({ broker: `${broker}-look`, account }, async () => {
    const enough = new AbortController();
    let isLocked = false;
    const waiting = (): void => {
      isLocked = true;
      enough.abort();
    };
    try {
      await vault.withLock({ broker, account }, async () => {}, { signal: enough.signal, waiting });
    } catch (error) {
      if (!isLocked) throw error;
    }
    return isLocked;
  });
}
