import pg from "pg";
import { type Database, type StoreListener, StoreUnavailable, type WritePace } from "../database.ts";
import type { Statement, Step, Verb } from "../verb.ts";
import { WriteQueue } from "../write-queue.ts";
import type { Connection } from "./connection.ts";
import { Connections } from "./connections.ts";
import { failureKind, toStoreError } from "./postgres-error.ts";
import { ReadBatches } from "./read-batches.ts";
import type { VerbEnd } from "./running-verb.ts";
import { type GroupLimits, type GroupOutcome, runGroup } from "./write-group.ts";

/** Transactions under way at a time. Two: while one waits for the disk, the next one is filled. */
const GROUPS_AT_ONCE = 2;
/** Verbs that share a transaction at most. A group holds what its verbs have locked until all of them are done. */
const MOST_IN_GROUP = 100;
const CONNECTIONS = 6;

/** A group does not wait for somebody else's rows for long: it is taken apart, and its verbs wait on their own. */
const TOGETHER: GroupLimits = { lockMs: 250, answerMs: 10_000 };
const ALONE: GroupLimits = { lockMs: 2_000, answerMs: 10_000 };
/** Changes of the schema wait for another replica's, and take as long as the rows there are. */
const PATIENT: GroupLimits = { lockMs: 0, statementMs: 0, answerMs: 3_600_000 };
const MOST_TRIES = 4;

interface WaitingWrite {
  readonly verb: () => Verb<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with the parameters of node-postgres. */
  readonly url: string;
  /** Writes that wait for a transaction at most (S-124); MOST_WAITING_WRITES by default. */
  readonly mostWaiting?: number | undefined;
  readonly listener?: StoreListener | undefined;
}

/**
 * The engine for several replicas. Writes of one turn of the event loop share a transaction, run side by side in it, and
 * are answered when it is durable (S-116). A verb that fails, or has to wait for somebody else's rows, leaves the group
 * and runs on its own, so it hurts nobody. Nothing that happens to Postgres is final for this process (S-119): a server
 * that lost a write ends itself and comes back with what it had confirmed.
 */
export class PostgresDatabase implements Database {
  readonly #connections: Connections;
  readonly #reads: ReadBatches;
  readonly #listener: StoreListener | undefined;
  readonly #waiting: WriteQueue<WaitingWrite>;
  readonly #underWay = new Set<Promise<void>>();
  #isScheduled = false;
  #isClosed = false;

  constructor(options: PostgresOptions) {
    this.#connections = new Connections(options.url, CONNECTIONS);
    this.#reads = new ReadBatches(this.#connections);
    this.#waiting = new WriteQueue(options.mostWaiting);
    this.#listener = options.listener;
  }

  async read<T>(verb: () => Verb<T>): Promise<T> {
    const running = verb();
    let step = running.next();
    while (!step.done) step = running.next(await this.#reads.ask(requireStatement(step.value)));
    return step.value;
  }

  write<T>(verb: () => Verb<T>, { isPatient = false }: WritePace = {}): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable("the store is closed"));
    if (isPatient) return this.writePatiently(verb);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add({ verb, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Runs a verb on its own, and gives each statement an hour, waits included. */
  async writePatiently<T>(verb: () => Verb<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      void this.#commitAlone({ verb, resolve: resolve as (value: unknown) => void, reject }, PATIENT);
    });
  }

  get waitingWrites(): number {
    return this.#waiting.length;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    while (this.#waiting.length > 0 || this.#underWay.size > 0) {
      this.#start();
      await Promise.race(this.#underWay);
    }
    this.#isClosed = true;
    await this.#connections.close();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay.size >= GROUPS_AT_ONCE || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    // After the I/O of this turn: every request read from its socket meanwhile joins the transaction.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  #start(): void {
    if (this.#underWay.size >= GROUPS_AT_ONCE) return;
    const group = this.#waiting.take(MOST_IN_GROUP);
    if (group.length === 0) return;
    const done = this.#commitTogether(group).finally(() => {
      this.#underWay.delete(done);
      this.#schedule();
    });
    this.#underWay.add(done);
    this.#schedule();
  }

  async #commitTogether(group: readonly WaitingWrite[]): Promise<void> {
    let rest = group;
    const alone: WaitingWrite[] = [];
    let mayBeStale = true;
    while (rest.length > 1) {
      const result = await this.#attempt(rest, TOGETHER);
      if (result.outcome === "committed") {
        settle(rest, result.ends);
        rest = [];
      } else if (result.outcome === "failed") {
        alone.push(...rest.filter((_, index) => result.guilty.has(index)));
        rest = rest.filter((_, index) => !result.guilty.has(index));
      } else if (result.outcome === "refused") {
        rejectAll(rest, asStoreError(result.cause));
        rest = [];
      } else if (result.isUnknown || !mayBeStale) {
        rejectAll(rest, lostError(result));
        rest = [];
      } else mayBeStale = false;
    }
    for (const write of [...rest, ...alone]) await this.#commitAlone(write, ALONE);
  }

  async #commitAlone(write: WaitingWrite, limits: GroupLimits): Promise<void> {
    for (let tries = 1; ; tries++) {
      const result = await this.#attempt([write], limits);
      if (result.outcome === "committed") return settle([write], result.ends);
      if (result.outcome === "lost") {
        // Nothing is durable before COMMIT was sent. Once more, for a connection that a restart had cut while it was idle.
        if (!result.isUnknown && tries === 1) continue;
        return write.reject(lostError(result));
      }
      if (result.outcome === "refused") return write.reject(asStoreError(result.cause));
      const error = result.guilty.get(0);
      const isContended = error instanceof pg.DatabaseError && failureKind(error) === "contended";
      if (!isContended || tries === MOST_TRIES) return write.reject(asStoreError(error));
    }
  }

  /** One transaction; never throws. */
  async #attempt(writes: readonly WaitingWrite[], limits: GroupLimits): Promise<GroupOutcome> {
    let connection: Connection;
    try {
      connection = await this.#connections.acquire();
    } catch (cause) {
      return { outcome: "refused", cause };
    }
    const began = performance.now();
    let isClean = false;
    try {
      const verbs = writes.map(({ verb }) => verb);
      const result = await runGroup(connection, verbs, limits);
      isClean = result.outcome !== "lost";
      if (result.outcome === "committed") {
        const milliseconds = performance.now() - began;
        this.#listener?.committed({ writes: writes.length, milliseconds, links: result.links });
      }
      return result;
    } catch (cause) {
      // Nothing of Postgres: an audit row that could not be made, for one. Closing the connection rolls all back.
      return { outcome: "refused", cause };
    } finally {
      connection.release(isClean);
    }
  }
}

function settle(writes: readonly WaitingWrite[], ends: readonly VerbEnd[]): void {
  for (const [index, { resolve, reject }] of writes.entries()) {
    const end = ends[index];
    if (end?.isOk) resolve(end.value);
    else reject(asStoreError(end?.error));
  }
}

function rejectAll(writes: readonly WaitingWrite[], error: unknown): void {
  for (const { reject } of writes) reject(error);
}

/** A verb's own error stays as it is; it may be an answer to the request. */
function asStoreError(error: unknown): unknown {
  return error instanceof pg.DatabaseError ? toStoreError(error) : error;
}

function lostError({ isUnknown, cause }: { readonly isUnknown: boolean; readonly cause: unknown }): StoreUnavailable {
  const text = isUnknown
    ? "the connection was lost during COMMIT: whether the change is there is unknown"
    : "the connection to Postgres was lost";
  return new StoreUnavailable(text, { cause });
}

function requireStatement(step: Step): Statement {
  if ("text" in step) return step;
  throw new TypeError("a verb that only reads cannot append to the audit chain");
}
