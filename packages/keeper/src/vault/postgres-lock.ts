import { createHash, randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { withFirstEnd } from "../first-end.ts";
import type { LockOptions } from "./file-lock.ts";
import { InOrder } from "./in-order.ts";
import type { PostgresLine, PostgresSession } from "./postgres-line.ts";

/** How long a waiter hears nothing of the lock before it tries again: a holder that was killed says nothing. */
const RETRY = 1_000;

/** What is said of a lock to everybody who uses it: `waiting LOCK WHO`, `left LOCK WHO`, `released LOCK WHO NEXT`. */
export type LockNews = "waiting" | "left" | "released";

/**
 * One advisory lock. It belongs to the connection: a holder that is killed frees it at once, and whoever loses the
 * connection has lost the lock.
 *
 * Who waits says so, and everybody hears it in the same order. So a release can name the next one, who alone tries:
 * fifty who all tried at every release would cost fifty statements a handover. Nothing depends on it but that speed;
 * whoever hears nothing for a second tries by itself.
 */
export class PostgresLock {
  readonly #line: PostgresLine;
  readonly #key: string;
  readonly #channel: string;
  readonly #name: string;
  readonly #inOrder = new InOrder();
  readonly #closing: AbortSignal;
  readonly #self = randomBytes(6).toString("hex");
  /** As they said it on this connection; what was said on another may be over. */
  #waiting = new Set<string>();
  #heardOn: PostgresSession | undefined;
  #heardAt = 0;
  /** Whether this process waits for the lock or holds it. */
  #isIn = false;
  #wake: () => void = () => {};

  constructor(line: PostgresLine, { name, scope, channel, closing }: PostgresLockInit) {
    this.#line = line;
    this.#name = name;
    this.#key = lockKey(`${scope} ${name}`);
    this.#channel = channel;
    this.#closing = closing;
  }

  /** @param who said it. @param next whose turn it is then; empty when nobody was known to wait */
  heard(news: LockNews, who: string, next = ""): void {
    if (news === "waiting") this.#waiting.add(who);
    else this.#waiting.delete(who);
    if (news === "left") return;
    // Somebody tried it or gave it back: it is in good hands.
    this.#heardAt = performance.now();
    if (news === "waiting") return;
    this.#waiting.delete(next);
    if (next === this.#self && !this.#isIn) this.#passOn();
    else if (next === this.#self || next === "") this.#wake();
  }

  /** @param work gets the connection that holds the lock: what it writes there is never written without it */
  async run<T>(work: (session: PostgresSession) => Promise<T>, { signal, waiting }: LockOptions = {}): Promise<T> {
    const ends = [this.#closing, ...(signal ? [signal] : [])];
    return await withFirstEnd(ends, (stop) => this.#run(work, stop, waiting));
  }

  async #run<T>(
    work: (session: PostgresSession) => Promise<T>,
    stop: AbortSignal,
    waiting: (() => void) | undefined,
  ): Promise<T> {
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
      this.#isIn = false;
      release();
      leave();
    }
  }

  async #take(stop: AbortSignal, waiting: () => void): Promise<PostgresSession> {
    this.#isIn = true;
    for (;;) {
      stop.throwIfAborted();
      const session = await this.#line.session();
      if (session !== this.#heardOn) this.#waiting.clear();
      this.#heardOn = session;
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      if (await this.#try(session)) {
        if (!stop.aborted) return session;
        await this.#give(session);
        continue;
      }
      if (!stop.aborted) {
        waiting();
        await withFirstEnd([woken.signal, stop, session.lost], (end) => this.#silence(end));
      }
      if (stop.aborted) {
        this.#isIn = false;
        await this.#say(session, this.#news("left"));
        if (woken.signal.aborted) this.#passOn();
      }
    }
  }

  /** One statement: who does not get it says in it that it waits. */
  async #try(session: PostgresSession): Promise<boolean> {
    const text = `
      WITH attempt AS MATERIALIZED (SELECT pg_try_advisory_lock($1) AS taken)
      SELECT taken, CASE WHEN taken THEN NULL ELSE pg_notify($2, $3)::text END FROM attempt`;
    try {
      const values = [this.#key, this.#channel, this.#news("waiting")];
      const rows = await session.query<{ taken: boolean }>(text, values);
      return rows[0]?.taken === true;
    } catch (error) {
      if (session.lost.aborted) return false;
      throw this.#line.failure(error);
    }
  }

  /** Waits until nothing was heard of the lock for a while, or the signal ends it. */
  async #silence(end: AbortSignal): Promise<void> {
    this.#heardAt = performance.now();
    for (let left = RETRY; left > 0 && !end.aborted; left = this.#heardAt + RETRY - performance.now()) {
      await pause(left, undefined, { signal: end }).catch(() => {});
    }
  }

  /** It was this one's turn, which left in that moment. */
  #passOn(): void {
    const next = this.#next();
    if (this.#heardOn && next !== "") void this.#say(this.#heardOn, this.#news("released", next));
  }

  async #say(session: PostgresSession, news: string): Promise<void> {
    await session.query("SELECT pg_notify($1, $2)", [this.#channel, news]).catch(() => {});
  }

  async #give(session: PostgresSession): Promise<void> {
    const text = "SELECT pg_advisory_unlock($1), pg_notify($2, $3)";
    try {
      await session.query(text, [this.#key, this.#channel, this.#news("released", this.#next())]);
    } catch {
      // With the connection the lock is given back, whatever went wrong; kept, it would shut everybody out.
      session.giveUp();
    }
  }

  #next(): string {
    for (const who of this.#waiting) if (who !== this.#self) return who;
    return "";
  }

  #news(news: LockNews, next = ""): string {
    return `${news} ${this.#name} ${this.#self} ${next}`.trimEnd();
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
