import pg from "pg";
import { type StoreListener, StoreUnavailable } from "../database.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { NameTaken } from "./group-locks.ts";
import { NamesInUse } from "./names-in-use.ts";
import { failureKind, toStoreError, triesAfter } from "./postgres-error.ts";
import type { VerbEnd } from "./running-verb.ts";
import type { WaitingWrite } from "./waiting-write.ts";
import { type GroupLimits, type GroupOutcome, runGroup } from "./write-group.ts";

/**
 * A group does not wait for somebody else's rows for long, and for names not at all: whoever has to wait leaves it and
 * waits on its own.
 */
const TOGETHER: GroupLimits = { lockMs: 250, waitForNames: false, answerMs: 10_000 };
/** The patience of a group halves each time it is taken apart, down to this: many who are stuck at one row hold it up once. */
const LEAST_LOCK_MS = 10;
const ALONE: GroupLimits = { lockMs: 2_000, waitForNames: true, answerMs: 10_000 };
/** Changes of the schema wait for another replica's, and take as long as the rows there are. */
const PATIENT: GroupLimits = { lockMs: 0, waitForNames: true, statementMs: 0, answerMs: 3_600_000 };
const MOST_TRIES = 4;

/**
 * Takes a write that leaves its group.
 * @param until when the group of this process that has what it wants has ended; absent: it has to run on its own
 */
export type Leave = (write: WaitingWrite, until: Promise<void> | undefined) => void;

interface LostConnection {
  /** Whether COMMIT was on its way. */
  readonly isUnknown: boolean;
  readonly cause: unknown;
}

/** Runs writes in transactions and answers them when these are durable. Nothing here rejects: every write hears for itself. */
export class WriteTransactions {
  readonly #connections: Connections;
  readonly #listener: StoreListener | undefined;
  readonly #names = new NamesInUse();

  constructor(connections: Connections, listener: StoreListener | undefined) {
    this.#connections = connections;
    this.#listener = listener;
  }

  /**
   * Commits a group.
   * @param leave takes each write that has to leave; the group does not wait for what becomes of it
   */
  async commitTogether(group: readonly WaitingWrite[], leave: Leave): Promise<void> {
    let rest = group;
    let { lockMs } = TOGETHER;
    let timesLost = 0;
    while (rest.length > 0) {
      const result = await this.#attempt(rest, { ...TOGETHER, lockMs });
      if (result.outcome === "committed") {
        for (const [index, end] of result.ends.entries()) {
          const write = rest[index] as WaitingWrite;
          if (hasLeft(end)) leave(write, untilOf(end.error));
          else settle(write, end);
        }
        return;
      }
      if (result.outcome === "refused") return rejectAll(rest, asStoreError(result.cause));
      if (result.outcome === "failed") {
        const { guilty } = result;
        const isOnly = rest.length === 1;
        for (const [index, write] of rest.entries()) {
          if (!guilty.has(index)) continue;
          const error = guilty.get(index);
          if (isOnly && !isOthersDoing(error)) write.reject(asStoreError(error));
          else leave(write, untilOf(error));
        }
        rest = rest.filter((_, index) => !guilty.has(index));
        lockMs = Math.max(LEAST_LOCK_MS, lockMs / 2);
      } else if (!this.#mayTryAgain(result, ++timesLost)) return rejectAll(rest, lostError(result));
    }
  }

  /** Commits a write on its own, which may wait for others for a while. */
  async commitAlone(write: WaitingWrite): Promise<void> {
    await this.#commitOne(write, ALONE);
  }

  /** The same, with an hour for each statement, waits included. */
  async commitPatiently(write: WaitingWrite): Promise<void> {
    await this.#commitOne(write, PATIENT);
  }

  async #commitOne(write: WaitingWrite, limits: GroupLimits): Promise<void> {
    let timesLost = 0;
    let timesContended = 0;
    for (;;) {
      const result = await this.#attempt([write], limits);
      if (result.outcome === "committed") return settle(write, result.ends[0] as VerbEnd);
      if (result.outcome === "lost") {
        if (this.#mayTryAgain(result, ++timesLost)) continue;
        return write.reject(lostError(result));
      }
      if (result.outcome === "refused") return write.reject(asStoreError(result.cause));
      const error = result.guilty.get(0);
      if (!isContended(error) || ++timesContended === MOST_TRIES) return write.reject(asStoreError(error));
    }
  }

  /** Nothing is durable before COMMIT was sent. */
  #mayTryAgain({ isUnknown, cause }: LostConnection, timesLost: number): boolean {
    return !isUnknown && timesLost <= triesAfter(cause, this.#connections.most);
  }

  /** One transaction; never throws. */
  async #attempt(writes: readonly WaitingWrite[], limits: GroupLimits): Promise<GroupOutcome> {
    let connection: Connection;
    try {
      connection = await this.#connections.acquire();
    } catch (cause) {
      return { outcome: "refused", cause };
    }
    const names = this.#names.enter();
    const began = performance.now();
    let isClean = false;
    try {
      const verbs = writes.map(({ verb }) => verb);
      const result = await runGroup(connection, verbs, limits, names);
      isClean = result.outcome !== "lost";
      if (result.outcome === "committed") {
        const milliseconds = performance.now() - began;
        const count = result.ends.filter((end) => !hasLeft(end)).length;
        if (count > 0) this.#listener?.committed({ writes: count, milliseconds, links: result.links });
      }
      return result;
    } catch (cause) {
      // Nothing of Postgres: an audit row that could not be made, for one. Closing the connection rolls all back.
      return { outcome: "refused", cause };
    } finally {
      names.end();
      connection.release(isClean);
    }
  }
}

function settle({ resolve, reject }: WaitingWrite, end: VerbEnd): void {
  if (end.isOk) resolve(end.value);
  else reject(asStoreError(end.error));
}

/** Whether it wrote nothing, because another transaction has a name that it asked for. */
function hasLeft(end: VerbEnd): end is VerbEnd & { readonly isOk: false } {
  return !end.isOk && end.error instanceof NameTaken;
}

function untilOf(error: unknown): Promise<void> | undefined {
  return error instanceof NameTaken ? error.until : undefined;
}

function rejectAll(writes: readonly WaitingWrite[], error: unknown): void {
  for (const { reject } of writes) reject(error);
}

/** Others were at the same rows: the verb may go through when it is run again. */
function isContended(error: unknown): boolean {
  return error instanceof pg.DatabaseError && failureKind(error) === "contended";
}

/** Others were at the same rows or names, or have them still: a verb that waits for them may go through. */
function isOthersDoing(error: unknown): boolean {
  if (error instanceof NameTaken || isContended(error)) return true;
  return error instanceof pg.DatabaseError && failureKind(error) === "blocked";
}

/** A verb's own error stays as it is; it may be an answer to the request. */
function asStoreError(error: unknown): unknown {
  return error instanceof pg.DatabaseError ? toStoreError(error) : error;
}

function lostError({ isUnknown, cause }: LostConnection): StoreUnavailable {
  const text = isUnknown
    ? "the connection was lost during COMMIT: whether the change is there is unknown"
    : "the connection to Postgres was lost";
  return new StoreUnavailable(text, { cause });
}
