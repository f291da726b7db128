/**
 * What a keeper tells whoever listens.
 */
import type { AccountId } from "./account.ts";

/**
 * `renewed`: there is a new token, whoever logged in. `expiring`: so many minutes before the end. `expired`: the token
 * is not handed out any more. `loginRequired`: somebody asked for a token, and nobody here can be asked for a login.
 */
export type KeeperEventType = "renewed" | "expiring" | "expired" | "loginRequired";

/** Something happened to an account's session. */
export interface KeeperEvent extends AccountId {
  readonly type: KeeperEventType;
  /** End of the session this is about, epoch seconds; undefined when there was none. */
  readonly expiresAt: number | undefined;
}

export type KeeperListener = (event: KeeperEvent) => void;

/** Listeners by type. What a listener throws is its own uncaught error, and stops nobody else. */
export class KeeperEvents {
  readonly #listeners = new Map<KeeperEventType, Set<KeeperListener>>();

  /** @returns stops it */
  on(type: KeeperEventType, listener: KeeperListener): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Whether anybody listens to anything. */
  get isHeard(): boolean {
    return [...this.#listeners.values()].some(({ size }) => size > 0);
  }

  emit(event: KeeperEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) queueMicrotask(() => listener(event));
  }
}
