import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { LockOptions } from "./file-lock.ts";
import { InOrder } from "./in-order.ts";
import type { PostgresLine, PostgresSession } from "./postgres-line.ts";

/** How often a waiter tries again when nobody said that the lock was released: a holder that was killed says nothing. */
const RETRY = 1_000;

/**
 * One advisory lock. It belongs to the connection: a holder that is killed frees it at once, and whoever loses the
 * connection has lost the lock.
 */
export class PostgresLock {
  readonly #line: PostgresLine;
  readonly #key: string;
  readonly #channel: string;
  readonly #name: string;
  readonly #inOrder = new InOrder();
  readonly #closing: AbortSignal;
  #wake: () => void = () => {};

  constructor(line: PostgresLine, { name, scope, channel, closing }: PostgresLockInit) {
    this.#line = line;
    this.#name = name;
    this.#key = lockKey(`${scope} ${name}`);
    this.#channel = channel;
    this.#closing = closing;
  }

  /** Somebody released it, as a notification says. */
  released(): void {
    this.#wake();
  }

  /** @param work gets the connection that holds the lock: what it writes there is never written without it */
  async run<T>(work: (session: PostgresSession) => Promise<T>, { signal, waiting }: LockOptions = {}): Promise<T> {
    const stop = AbortSignal.any([this.#closing, ...(signal ? [signal] : [])]);
    let tell = waiting;
    const tellOnce = () => {
      tell?.();
      tell = undefined;
    };
    if (this.#inOrder.isTaken) tellOnce();
    const leave = await this.#inOrder.enter(stop);
    const release = this.#line.hold(true);
    try {
      const session = await this.#take(stop, tellOnce);
      try {
        return await work(session);
      } finally {
        await this.#give(session);
      }
    } finally {
      release();
      leave();
    }
  }

  async #take(stop: AbortSignal, waiting: () => void): Promise<PostgresSession> {
    for (;;) {
      stop.throwIfAborted();
      const session = await this.#line.session();
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      if (await this.#try(session)) {
        if (!stop.aborted) return session;
        await this.#give(session);
      }
      stop.throwIfAborted();
      waiting();
      await pause(RETRY, undefined, { signal: AbortSignal.any([woken.signal, stop, session.lost]) }).catch(() => {});
    }
  }

  async #try(session: PostgresSession): Promise<boolean> {
    try {
      const rows = await session.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1) AS taken", [this.#key]);
      return rows[0]?.taken === true;
    } catch (error) {
      if (session.lost.aborted) return false;
      throw this.#line.failure(error);
    }
  }

  async #give(session: PostgresSession): Promise<void> {
    const text = "SELECT pg_advisory_unlock($1), pg_notify($2, $3)";
    // A broken connection has given it back already.
    await session.query(text, [this.#key, this.#channel, `released ${this.#name}`]).catch(() => {});
  }
}

export interface PostgresLockInit {
  readonly name: string;
  /** Tells the locks of two vaults in one database apart. */
  readonly scope: string;
  readonly channel: string;
  /** Ends waiting when the vault is closed. */
  readonly closing: AbortSignal;
}

/** Postgres names advisory locks by 64-bit numbers. */
export function lockKey(name: string): string {
  return createHash("sha256").update(`kunji ${name}`).digest().readBigInt64BE().toString();
}
