import type { AuditLink, Verb } from "../verb.ts";
import { auditQueries, tailQueries } from "./audit-tail.ts";
import type { Answer, Connection, Query, QueryOutcome } from "./connection.ts";
import { GroupLocks, lockNumber } from "./group-locks.ts";
import { failureKind } from "./postgres-error.ts";
import { planRound, readRound } from "./round.ts";
import { RunningVerb, type VerbEnd } from "./running-verb.ts";

export type GroupOutcome =
  /** Durable; how each verb ended, in the order of the group, and the audit rows that were written. */
  | { readonly outcome: "committed"; readonly ends: readonly VerbEnd[]; readonly links: readonly AuditLink[] }
  /** Rolled back because of these: indices into the group, with their errors. */
  | { readonly outcome: "failed"; readonly guilty: ReadonlyMap<number, unknown> }
  /** Rolled back, and no verb is to blame: Postgres could not begin or end the transaction. */
  | { readonly outcome: "refused"; readonly cause: unknown }
  /** The connection is gone. `isUnknown` when COMMIT was on its way: nobody knows what became of it (S-121). */
  | { readonly outcome: "lost"; readonly isUnknown: boolean; readonly cause: unknown };

export interface GroupLimits {
  /** How long a statement may wait for rows or names that another transaction has. */
  readonly lockMs: number;
  /** How long the server may take to answer. */
  readonly answerMs: number;
}

const NOBODY: ReadonlyMap<number, unknown> = new Map();
const ROLLBACK: Query = { text: "ROLLBACK" };
const COMMIT: Query = { text: "COMMIT" };
const TAKE_LOCKS = "SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS names (number)";

/**
 * Runs verbs side by side in one transaction and commits them together. In each round every verb that is not done takes
 * one step, and the whole round is one round trip. Verbs of a group see each other's changes as those of transactions
 * that have committed; what verb.ts asks of them is what keeps them apart.
 */
export async function runGroup(
  connection: Connection,
  verbs: readonly (() => Verb<unknown>)[],
  limits: GroupLimits,
): Promise<GroupOutcome> {
  const group = new Group(connection, verbs, limits);
  try {
    return await group.run();
  } catch (error) {
    if (error instanceof RoundFailed) return await group.rollBack(error);
    throw error;
  }
}

/** Something in a round went wrong. */
class RoundFailed extends Error {
  readonly guilty: ReadonlyMap<number, unknown>;
  override readonly cause: unknown;

  constructor(guilty: ReadonlyMap<number, unknown>, cause: unknown) {
    super("a round failed");
    this.guilty = guilty;
    this.cause = cause;
  }
}

class Group {
  readonly #connection: Connection;
  readonly #limits: GroupLimits;
  readonly #running: readonly RunningVerb[];
  readonly #locks = new GroupLocks<number>();
  #begun = false;

  constructor(connection: Connection, verbs: readonly (() => Verb<unknown>)[], limits: GroupLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#running = verbs.map((verb) => new RunningVerb(verb));
  }

  async run(): Promise<GroupOutcome> {
    while (this.#running.some((verb) => verb.statement)) await this.#round();
    const links = this.#links();
    if (links.length === 0) return this.#begun ? await this.#commit([]) : this.#ended();
    const tail = tailQueries(this.#limits.answerMs);
    const answers = await this.#ask(tail.queries);
    return await this.#commit(auditQueries(links, tail.read(answers)));
  }

  /** One step of every verb that can take one. */
  async #round(): Promise<void> {
    const { asking, names } = this.#choose();
    const statements = asking.map((index) => (this.#running[index] as RunningVerb).statement).filter(isPresent);
    const plan = planRound(statements);
    const before = names.length === 0 ? [] : [{ name: "take locks", text: TAKE_LOCKS, values: [names] }];
    const outcomes = await this.#send([...before, ...plan.map(({ query }) => query)]);
    const failed = outcomes.findIndex(({ isOk }) => !isOk);
    if (failed !== -1) {
      // Whose lock was not to be had nobody says; whose statement it was, the plan does.
      const planned = plan[failed - before.length];
      const whose = planned ? planned.asked.map((place) => asking[place] as number) : asking;
      const { error } = outcomes[failed] as { readonly error: unknown };
      throw new RoundFailed(new Map(whose.map((index) => [index, error])), error);
    }
    const guilty = new Map<number, unknown>();
    for (const read of readRound(plan, outcomes.slice(before.length))) {
      const index = asking[read.index] as number;
      const verb = this.#running[index] as RunningVerb;
      if ("result" in read) verb.answer(read.result);
      if (!verb.end) continue;
      this.#locks.release(index);
      if (!verb.end.isOk && verb.hasWritten) guilty.set(index, verb.end.error);
    }
    if (guilty.size > 0) throw new RoundFailed(guilty, undefined);
  }

  /** Whose turn it is, and the names that are new to this transaction, in an order all processes share. */
  #choose(): { readonly asking: readonly number[]; readonly names: readonly number[] } {
    const asking: number[] = [];
    const names = new Set<number>();
    const waiting: number[] = [];
    for (const [index, { statement }] of this.#running.entries()) {
      if (!statement) continue;
      const lock = statement.lock && this.#locks.take(statement.lock, index);
      if (lock === "taken") waiting.push(index);
      else asking.push(index);
      if (lock === "new") names.add(lockNumber(statement.lock as string));
    }
    // Each waits for another one: taken apart, they run one after the other.
    if (asking.length === 0) {
      const error = new Error("verbs wait for each other");
      throw new RoundFailed(new Map(waiting.map((index) => [index, error])), undefined);
    }
    return { asking, names: [...names].sort((left, right) => left - right) };
  }

  async #commit(before: readonly Query[]): Promise<GroupOutcome> {
    const outcomes = await this.#send([...before, COMMIT]);
    const last = outcomes.at(-1);
    if (last?.isOk && last.answer.command === "COMMIT") return this.#ended();
    const failed = outcomes.find((outcome) => !outcome.isOk);
    const error = failed && !failed.isOk ? failed.error : new Error("the transaction was rolled back");
    if (failed && failureKind(error) === "lost") return { outcome: "lost", isUnknown: true, cause: error };
    // Answered, so it is certain that nothing was committed.
    return { outcome: "refused", cause: error };
  }

  async rollBack({ guilty, cause }: RoundFailed): Promise<GroupOutcome> {
    if (cause !== undefined && failureKind(cause) === "lost") return { outcome: "lost", isUnknown: false, cause };
    const [outcome] = this.#begun ? await this.#connection.roundTrip([ROLLBACK], this.#limits.answerMs) : [];
    if (outcome && !outcome.isOk) return { outcome: "lost", isUnknown: false, cause: outcome.error };
    return guilty.size === 0 ? { outcome: "refused", cause } : { outcome: "failed", guilty };
  }

  async #ask(queries: readonly Query[]): Promise<readonly Answer[]> {
    const outcomes = await this.#send(queries);
    return outcomes.map((outcome) => {
      if (outcome.isOk) return outcome.answer;
      throw new RoundFailed(NOBODY, outcome.error);
    });
  }

  async #send(queries: readonly Query[]): Promise<readonly QueryOutcome[]> {
    if (this.#begun) return await this.#connection.roundTrip(queries, this.#limits.answerMs);
    this.#begun = true;
    const text = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${this.#limits.lockMs}`;
    const [begin, ...outcomes] = await this.#connection.roundTrip([{ text }, ...queries], this.#limits.answerMs);
    if (begin && !begin.isOk) throw new RoundFailed(NOBODY, begin.error);
    return outcomes;
  }

  #ended(): GroupOutcome {
    const ends = this.#running.map((verb) => verb.end as VerbEnd);
    return { outcome: "committed", ends, links: this.#links() };
  }

  #links(): AuditLink[] {
    return this.#running.flatMap((verb) => verb.links);
  }
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
