import { type Database, type StoreListener, StoreUnavailable, type WritePace } from "../database.ts";
import type { Statement, Step, Verb } from "../verb.ts";
import { MOST_WAITING_WRITES, WriteQueue, WriteQueueFull } from "../write-queue.ts";
import { Connections } from "./connections.ts";
import { LoneWrites } from "./lone-writes.ts";
import { ReadBatches } from "./read-batches.ts";
import type { WaitingWrite } from "./waiting-write.ts";
import { type Leave, WriteTransactions } from "./write-transactions.ts";

/** Transactions under way at a time. Two: while one waits for the disk, the next one is filled. */
const GROUPS_AT_ONCE = 2;
/** Verbs that share a transaction at most. A group holds what its verbs have locked until all of them are done. */
const MOST_IN_GROUP = 100;
/** Two for groups, two for writes that left theirs, two for reads. */
const CONNECTIONS = 6;

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
  readonly #transactions: WriteTransactions;
  readonly #mostWaiting: number;
  /** Its bound is not its own: what has left a group counts as well. */
  readonly #waiting = new WriteQueue<WaitingWrite>(Number.POSITIVE_INFINITY);
  /** How many wait for the end of another group, to be in the next one. */
  #putOff = 0;
  /** What has left its group, and is no group's concern any more. */
  readonly #lone: LoneWrites;
  readonly #underWay = new Set<Promise<void>>();
  #isScheduled = false;
  #isClosed = false;

  constructor(options: PostgresOptions) {
    this.#connections = new Connections(options.url, CONNECTIONS);
    this.#reads = new ReadBatches(this.#connections);
    this.#transactions = new WriteTransactions(this.#connections, options.listener);
    this.#mostWaiting = options.mostWaiting ?? MOST_WAITING_WRITES;
    this.#lone = new LoneWrites((write) => this.#transactions.commitAlone(write));
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
      if (this.waitingWrites >= this.#mostWaiting) throw new WriteQueueFull();
      this.#waiting.add({ verb, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Runs a verb on its own, and gives each statement an hour, waits included. */
  async writePatiently<T>(verb: () => Verb<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      void this.#transactions.commitPatiently({ verb, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  get waitingWrites(): number {
    return this.#waiting.length + this.#putOff + this.#lone.length;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    do {
      while (this.#waiting.length > 0 || this.#underWay.size > 0) {
        this.#start();
        await Promise.race(this.#underWay);
      }
      await this.#lone.settled();
    } while (this.#waiting.length > 0 || this.#underWay.size > 0);
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
    const done = this.#transactions.commitTogether(group, this.#leave).finally(() => {
      this.#underWay.delete(done);
      this.#schedule();
    });
    this.#underWay.add(done);
    this.#schedule();
  }

  /** Groups of this process never sit on a name: who finds one with a neighbour is in a later group. */
  readonly #leave: Leave = (write, until) => {
    if (!until) {
      this.#lone.add(write);
      return;
    }
    this.#putOff += 1;
    void until.then(() => {
      this.#putOff -= 1;
      this.#waiting.add(write);
      this.#schedule();
    });
  };
}

function requireStatement(step: Step): Statement {
  if ("text" in step) return step;
  throw new TypeError("a verb that only reads cannot append to the audit chain");
}
