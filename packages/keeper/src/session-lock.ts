import type { AccountId } from "./account.ts";
import type { Vault } from "./vault/vault.ts";

/**
 * Runs `work` alone among everybody who changes this account's session. It is not the lock of the login: that one is
 * held for minutes, by a process that may be waiting for a token which another process is about to store.
 * @param work gets a signal that ends when the lock was lost
 */
export function withSessionLock<T>(
  vault: Vault,
  { broker, account }: AccountId,
  work: (lost: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  // No broker has this name, so no account's login can have this lock.
  return vault.withLock({ broker: `${broker}-session`, account }, work, { signal });
}
