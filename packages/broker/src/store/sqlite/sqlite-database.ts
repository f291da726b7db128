import { setTimeout as sleep } from "node:timers/promises";
import type Sqlite from "better-sqlite3";
import { appendLink, NEWEST_AUDIT_HASH } from "../audit-link.ts";
import { type Database, type StoreListener, StoreUnavailable } from "../database.ts";
import type { AuditLink, StatementResult, Step, Verb } from "../verb.ts";
import { WriteQueue } from "../write-queue.ts";
import { openConnection } from "./open-connection.ts";
import { type PreparedStatement, prepareStatement } from "./prepared-statement.ts";
import { isBusy, isFinal } from "./sqlite-error.ts";

/** How long a write waits for a file that other processes write to before it is refused (S-117). */
const MOST_BUSY_MS = 5_000;
/** How often it looks. SQLite's own busy handler would sleep, and with it everything this process does. */
const LOOK_EVERY_MS = 1;

/** What a step gets back that asked for nothing. */
const LINKED: StatementResult = { rows: [], changes: 1 };

interface WaitingWrite {
  readonly verb: () => Verb<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface SqliteOptions {
  /** A file path, or `:memory:`. */
  readonly path: string;
  /** Called once when a commit failed: the process must not go on writing (S-119). */
  readonly onFailure?: (error: Error) => void;
  /** Writes that wait for a transaction at most (S-124); MOST_WAITING_WRITES by default. */
  readonly mostWaiting?: number | undefined;
  readonly listener?: StoreListener | undefined;
  /** How long a write waits for other processes at most, in milliseconds; 5000 by default. */
  readonly mostBusyMs?: number | undefined;
}

/**
 * The embedded engine: one connection, one writer, WAL, `synchronous=FULL` (S-117). Writes that arrive in the
 * same turn of the event loop share one transaction and so one fsync; each is answered after that commit.
 */
export class SqliteDatabase implements Database {
  readonly #connection: Sqlite.Database;
  readonly #statements = new Map<string, PreparedStatement>();
  readonly #beginRead: Sqlite.Statement;
  readonly #beginWrite: Sqlite.Statement;
  readonly #commit: Sqlite.Statement;
  readonly #onFailure: ((error: Error) => void) | undefined;
  readonly #listener: StoreListener | undefined;
  readonly #waiting: WriteQueue<WaitingWrite>;
  readonly #mostBusyMs: number;
  /** Since when another process has had the file. */
  #busySince: number | undefined;
  /** Writes of a group that failed: each gets a transaction of its own. */
  #alone: WaitingWrite[] = [];
  /** Audit rows of the transaction under way. */
  #links: AuditLink[] = [];
  /** Hash of the newest audit row, while the transaction under way is known to have put it there. */
  #newestHash: Uint8Array | undefined;
  #flushScheduled = false;
  #inSnapshot = false;
  #failure: Error | undefined;

  constructor(options: SqliteOptions) {
    this.#connection = openConnection(options.path);
    this.#onFailure = options.onFailure;
    this.#listener = options.listener;
    this.#mostBusyMs = options.mostBusyMs ?? MOST_BUSY_MS;
    this.#waiting = new WriteQueue(options.mostWaiting);
    this.#beginRead = this.#connection.prepare("BEGIN");
    this.#beginWrite = this.#connection.prepare("BEGIN IMMEDIATE");
    this.#commit = this.#connection.prepare("COMMIT");
    // From here on nothing sleeps: who finds the file taken comes back later.
    this.#connection.pragma("busy_timeout = 0");
  }

  async read<T>(verb: () => Verb<T>): Promise<T> {
    try {
      this.#beginSnapshot();
      return this.#run(verb());
    } catch (error) {
      if (!isBusy(error)) throw this.#judge(error);
    }
    return await this.#readLater(verb);
  }

  /** With a write-ahead log a reader waits for nobody, but for who opens or closes the file just then. */
  async #readLater<T>(verb: () => Verb<T>): Promise<T> {
    const giveUp = performance.now() + this.#mostBusyMs;
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      try {
        this.#beginSnapshot();
        return this.#run(verb());
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUp) throw this.#judge(error);
      }
    }
  }

  write<T>(verb: () => Verb<T>): Promise<T> {
    if (this.#failure) return Promise.reject(new StoreUnavailable("the store has failed", { cause: this.#failure }));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add({ verb, resolve: resolve as (value: unknown) => void, reject });
      this.#flushSoon();
    });
  }

  #flushSoon(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // After the I/O of this turn: every request read from its socket meanwhile joins the commit.
    setImmediate(() => this.#flush());
  }

  get waitingWrites(): number {
    return this.#waiting.length + this.#alone.length;
  }

  async close(): Promise<void> {
    while (this.waitingWrites > 0) {
      this.#flush();
      if (this.waitingWrites > 0) await sleep(LOOK_EVERY_MS);
    }
    if (!this.#connection.open) return;
    this.#endSnapshot();
    this.#connection.close();
  }

  /** For tests and doctor: the value of a pragma. */
  pragma(name: string): unknown {
    this.#endSnapshot();
    return this.#connection.pragma(name, { simple: true });
  }

  /** Copies the database into another file while it is in use. */
  async backup(path: string): Promise<void> {
    await this.#connection.backup(path);
  }

  /**
   * Reads of one turn of the event loop share a transaction, and so the locks on the file, which cost more than the
   * read itself. It ends with the turn and before every write: a read sees all that was durable when its request
   * arrived, here and in other processes (S-29).
   */
  #beginSnapshot(): void {
    if (this.#inSnapshot) return;
    this.#beginRead.run();
    this.#inSnapshot = true;
    setImmediate(() => this.#endSnapshot());
  }

  #endSnapshot(): void {
    if (!this.#inSnapshot) return;
    this.#inSnapshot = false;
    // A read that failed may have ended it already.
    if (this.#connection.inTransaction) this.#commit.run();
  }

  #flush(): void {
    this.#flushScheduled = false;
    if (this.waitingWrites === 0 || !this.#connection.open) return;
    if (this.#failure) {
      rejectAll(this.#takeAll(), this.#failure);
      return;
    }
    try {
      this.#endSnapshot();
      this.#beginWrite.run();
      this.#busySince = undefined;
    } catch (error) {
      this.#putOff(error);
      return;
    }
    const next = this.#alone.shift();
    this.#settle(next ? [next] : this.#waiting.takeAll());
    if (this.waitingWrites > 0) this.#flushSoon();
  }

  /** Another process has the file: everything goes on waiting, and what comes meanwhile joins it. */
  #putOff(error: unknown): void {
    const now = performance.now();
    this.#busySince ??= now;
    if (isBusy(error) && now - this.#busySince < this.#mostBusyMs) {
      this.#flushLater();
      return;
    }
    this.#busySince = undefined;
    const reason = this.#judge(error);
    for (const write of this.#takeAll()) write.reject(reason);
  }

  #flushLater(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setTimeout(() => this.#flush(), LOOK_EVERY_MS);
  }

  #takeAll(): WaitingWrite[] {
    return [...this.#alone.splice(0), ...this.#waiting.takeAll()];
  }

  #settle(group: readonly WaitingWrite[]): void {
    try {
      settle(group, this.#commitTogether(group));
    } catch (error) {
      if (this.#failure) rejectAll(group, this.#failure);
      else if (group.length === 1) group[0]?.reject(error);
      // One verb of several failed. Run them one by one, so that only the guilty one is refused.
      else this.#alone.push(...group);
    }
  }

  /** Runs the verbs in the transaction that has begun and commits it; on any error it is rolled back and the error thrown. */
  #commitTogether(group: readonly WaitingWrite[]): unknown[] {
    let results: unknown[];
    const began = performance.now();
    this.#links = [];
    this.#newestHash = undefined;
    try {
      results = group.map((write) => this.#run(write.verb()));
    } catch (error) {
      this.#rollBack();
      throw this.#judge(error);
    }
    try {
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      // A commit that failed leaves unknown what reached the disk. It is final: no retry of a failed fsync (S-119).
      this.#fail(error as Error);
      throw error;
    }
    const milliseconds = performance.now() - began;
    this.#listener?.committed({ writes: group.length, milliseconds, links: this.#links });
    return results;
  }

  /** Tells what an error means for this process: the end of all writing, a wait that was too long, or neither. */
  #judge(error: unknown): unknown {
    if (isFinal(error)) {
      this.#fail(error);
      return new StoreUnavailable("the store has failed", { cause: error });
    }
    return isBusy(error) ? new StoreUnavailable("the store is busy", { cause: error }) : error;
  }

  #run<T>(verb: Verb<T>): T {
    let step = verb.next();
    while (!step.done) step = verb.next(this.#take(step.value));
    return step.value;
  }

  #take(step: Step): StatementResult {
    if (!("text" in step)) return this.#link(step);
    const prepared = this.#prepared(step.text);
    if (prepared.changesAudit) this.#newestHash = undefined;
    return prepared.run(step);
  }

  /** Appends to the audit chain. The rows of one transaction follow each other, so its end is read once for all. */
  #link(step: AuditLink): StatementResult {
    this.#newestHash = step.hashAfter(this.#newestHash ?? this.#readNewestHash());
    const append = appendLink(step, this.#newestHash);
    this.#prepared(append.text).run(append);
    this.#links.push(step);
    return LINKED;
  }

  #readNewestHash(): Uint8Array | undefined {
    const select = { text: NEWEST_AUDIT_HASH, params: [], firstOnly: true, read: firstOf };
    return this.#prepared(select.text).run(select).rows[0] as Uint8Array | undefined;
  }

  #prepared(text: string): PreparedStatement {
    let prepared = this.#statements.get(text);
    if (!prepared) {
      prepared = prepareStatement(this.#connection, text);
      this.#statements.set(text, prepared);
    }
    return prepared;
  }

  #rollBack(): void {
    try {
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
    } catch (error) {
      // What is on the disk is then as unknown as after a failed commit.
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#onFailure?.(error);
  }
}

const firstOf = ([first]: readonly unknown[]) => first;

function settle(group: readonly WaitingWrite[], results: readonly unknown[]): void {
  for (const [index, write] of group.entries()) write.resolve(results[index]);
}

function rejectAll(group: readonly WaitingWrite[], cause: Error): void {
  for (const write of group) write.reject(new StoreUnavailable("the store has failed", { cause }));
}
