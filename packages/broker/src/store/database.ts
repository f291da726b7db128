import type { AuditLink, Verb } from "./verb.ts";

/** The two engines behind one face. The same suite of tests runs on each. */
export interface Database {
  /**
   * Runs a verb that only reads, against the primary store. Each of its statements sees what was durable when it ran; on
   * SQLite all of them see the same.
   */
  read<T>(verb: () => Verb<T>): Promise<T>;
  /**
   * Runs a verb in a transaction and resolves when it is durable (S-116). The verb may be started again from the
   * beginning, so it must depend on nothing but its arguments and the rows.
   * @param pace.isPatient for what touches every row there is: no statement of it is too slow, where an engine has limits
   * @throws StoreUnavailable when the outcome could not be made durable; nothing may be acknowledged then (S-30)
   */
  write<T>(verb: () => Verb<T>, pace?: WritePace): Promise<T>;
  /** Writes that wait for a transaction. */
  readonly waitingWrites: number;
  close(): Promise<void>;
}

export interface WritePace {
  readonly isPatient?: boolean;
}

/** Hears what an engine did, for metrics. */
export interface StoreListener {
  /** A transaction is durable. */
  readonly committed: (commit: Commit) => void;
}

export interface Commit {
  /** How many writes shared it. */
  readonly writes: number;
  /** From its first statement until it was durable. */
  readonly milliseconds: number;
  /** The audit rows in it. */
  readonly links: readonly AuditLink[];
}

/** The store could not do what was asked; the caller answers 503. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreUnavailable";
  }
}
