/**
 * Where the keeper keeps what must not be lost or read by others. Contents are sealed (S-91); names are not.
 */
import type { AccountId } from "../account.ts";

/**
 * `account`: the app and its secret. `session`: the token. `pending`: a token request that waits for approval (S-81).
 * `factors`: PIN and TOTP seed, sealed with a key of their own (S-78).
 */
export type EntryKind = "account" | "session" | "pending" | "factors";

export interface EntryName extends AccountId {
  readonly kind: EntryKind;
}

export interface EntryInfo extends EntryName {
  /** Which key sealed it. */
  readonly keyId: string;
  /** Epoch milliseconds by the clock of the machine that wrote it. */
  readonly writtenAt: number;
}

/** A sealed store with a lock. Files on one machine, or a Postgres table for a team. */
export interface Vault extends AsyncDisposable {
  /** For messages: a directory, or a database URL without its password. */
  readonly place: string;
  /**
   * @returns the opened content, or undefined when there is none
   * @throws KeeperError `VAULT_DAMAGED` when it does not open; the sealed bytes are set aside then (S-95)
   */
  readonly read: (name: EntryName) => Promise<string | undefined>;
  /** Replaces an entry in one step: durable when this resolves; readers see the old or the new content (S-77, S-94). */
  readonly write: (name: EntryName, content: string) => Promise<void>;
  /** @returns whether there was one */
  readonly remove: (name: EntryName) => Promise<boolean>;
  readonly list: () => Promise<EntryInfo[]>;
  /**
   * A text that changes with every write of the entry; undefined when there is none. Much cheaper than `read`, so
   * that a cached token can be checked on every call. May be up to 1 s behind writes of other machines.
   */
  readonly revision: (name: EntryName) => Promise<string | undefined>;
  /** Calls back soon (within 100 ms on one machine) after any process wrote or removed the entry. @returns stops it */
  readonly watch: (name: EntryName, changed: () => void) => () => void;
  /**
   * Runs `work` while no other process on any machine of this vault holds the lock of the same name. A holder that
   * was killed loses it within 10 s.
   * @param work gets a signal that ends when the lock was lost; it must not write after that
   * @param options.signal gives up waiting; its reason is thrown
   * @param options.waiting is called once when somebody else holds the lock
   */
  readonly withLock: <T>(
    name: AccountId,
    work: (lost: AbortSignal) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined; readonly waiting?: (() => void) | undefined },
  ) => Promise<T>;
  /**
   * Seals everything with a fresh key. The old key stays until every entry was read back with the new one (S-95).
   * @returns how many entries were sealed anew
   */
  readonly rotateKey: () => Promise<number>;
  readonly close: () => Promise<void>;
}
