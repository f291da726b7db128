import type { AuditLink, Statement, Verb } from "../verb.ts";
import { auditQueries, readTail, TAIL_QUERIES } from "./audit-tail.ts";
import type { Answer, Connection, Query, QueryOutcome } from "./connection.ts";
import { GroupLocks, inLockOrder, NameTaken, namesRefused, takeNames } from "./group-locks.ts";
import type { GroupNames } from "./names-in-use.ts";
import { failureKind } from "./postgres-error.ts";
import { ONE_CHANGE, type PlannedQuery, planRound, readRound } from "./round.ts";
import { inRowOrder } from "./round-order.ts";
import { RunningVerb, type VerbEnd } from "./running-verb.ts";
import { isPlainInsert } from "./statement-text.ts";

export type GroupOutcome =
  /**
   * Durable; how each verb ended, in the order of the group, and the audit rows that were written. A verb that ended with
   * NameTaken has left before it wrote anything.
   */
  | { readonly outcome: "committed"; readonly ends: readonly VerbEnd[]; readonly links: readonly AuditLink[] }
  /** Rolled back because of these: indices into the group, with their errors. */
  | { readonly outcome: "failed"; readonly guilty: ReadonlyMap<number, unknown> }
  /** Rolled back, and no verb is to blame: Postgres could not begin or end the transaction. */
  | { readonly outcome: "refused"; readonly cause: unknown }
  /** The connection is gone. `isUnknown` when COMMIT was on its way: nobody knows what became of it (S-121). */
  | { readonly outcome: "lost"; readonly isUnknown: boolean; readonly cause: unknown };

export interface GroupLimits {
  /** How long a statement may wait for rows that another transaction has. */
  readonly lockMs: number;
  /** Whether verbs wait as long for names that another transaction has. Without it they leave: NameTaken. */
  readonly waitForNames: boolean;
  /** How long a statement may take, 0 for any time; by default what the session allows. */
  readonly statementMs?: number;
  /** How long the server may take to answer. */
  readonly answerMs: number;
}

const NOBODY: ReadonlyMap<number, unknown> = new Map();
const ROLLBACK: Query = { text: "ROLLBACK" };
const COMMIT: Query = { text: "COMMIT" };

/**
 * Runs verbs side by side in one transaction and commits them together. In each round every verb that is not done takes
 * one step, and the whole round is one round trip. Nobody waits for the insert of a row: it travels ahead of the next
 * round. Verbs of a group see each other's changes as those of transactions that have committed; what verb.ts asks of them
 * is what keeps them apart.
 */
export async function runGroup(
  connection: Connection,
  verbs: readonly (() => Verb<unknown>)[],
  limits: GroupLimits,
  names: GroupNames,
): Promise<GroupOutcome> {
  const group = new Group(connection, verbs, limits, names);
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

/** A statement of the verb at that place of the group. */
interface Step {
  readonly index: number;
  readonly statement: Statement;
}

/** A query, and the verbs to blame when it fails. */
interface OwnedQuery {
  readonly query: Query;
  readonly owners: readonly number[];
}

class Group {
  readonly #connection: Connection;
  readonly #limits: GroupLimits;
  readonly #running: readonly RunningVerb[];
  readonly #locks = new GroupLocks<number>();
  readonly #names: GroupNames;
  /** Inserts whose verbs have gone on, until they are sent. */
  #inserts: Step[] = [];
  #begun = false;

  constructor(connection: Connection, verbs: readonly (() => Verb<unknown>)[], limits: GroupLimits, names: GroupNames) {
    this.#connection = connection;
    this.#limits = limits;
    this.#names = names;
    this.#running = verbs.map((verb) => new RunningVerb(verb));
    for (const [index, verb] of this.#running.entries()) this.#passInserts(index, verb);
  }

  async run(): Promise<GroupOutcome> {
    this.#requireUnharmed();
    while (this.#running.some((verb) => verb.statement)) await this.#round();
    const links = this.#links();
    const tail = links.length === 0 ? [] : TAIL_QUERIES.map(ofNobody);
    const asked = [...planSteps(this.#takeInserts()), ...tail];
    if (asked.length === 0) return this.#begun ? await this.#commit([]) : this.#ended();
    const answers = await this.#ask(asked);
    return await this.#commit(tail.length > 0 ? auditQueries(links, readTail(answers)) : []);
  }

  /** One step of every verb that can take one. */
  async #round(): Promise<void> {
    const { asking, takers } = this.#choose();
    const steps = inRowOrder(
      asking.flatMap((index) => {
        const statement = this.#running[index]?.statement;
        return statement ? [{ index, statement }] : [];
      }),
    );
    const plan = planSteps(steps);
    const inserts = planSteps(this.#takeInserts());
    const names = inLockOrder(takers.keys());
    const taking =
      names.length === 0 ? [] : [{ query: takeNames(names, this.#limits.waitForNames), owners: [...takers.values()] }];
    const answers = await this.#ask([...inserts, ...taking, ...plan]);
    if (taking.length > 0) this.#sendAway(namesRefused(names, answers[inserts.length] as Answer));
    for (const { place, result } of readRound(plan, answers.slice(inserts.length + taking.length))) {
      const { index } = steps[place] as Step;
      const verb = this.#running[index] as RunningVerb;
      // What it read without its name is nothing.
      if (verb.end) continue;
      verb.answer(result);
      this.#passInserts(index, verb);
      if (verb.end) this.#locks.release(index);
    }
    this.#requireUnharmed();
  }

  /** Ends every verb that stands at one of these names. */
  #sendAway(names: ReadonlySet<string>): void {
    const errors = new Map([...names].map((name) => [name, new NameTaken(this.#names.giveUp(name))]));
    if (errors.size === 0) return;
    for (const [index, verb] of this.#running.entries()) {
      const error = verb.statement?.lock === undefined ? undefined : errors.get(verb.statement.lock);
      if (!error) continue;
      verb.stop(error);
      this.#locks.release(index);
    }
  }

  /** @throws RoundFailed when a verb failed that had written: what it wrote must go, and with it the transaction */
  #requireUnharmed(): void {
    const guilty = new Map<number, unknown>();
    let isHarmed = false;
    for (const [index, { end, hasWritten }] of this.#running.entries()) {
      if (!end || end.isOk || !(hasWritten || end.error instanceof NameTaken)) continue;
      guilty.set(index, end.error);
      isHarmed ||= hasWritten;
    }
    if (isHarmed) throw new RoundFailed(guilty, undefined);
  }

  /** Lets a verb go on past inserts of rows: what comes of them is known, or the transaction fails. */
  #passInserts(index: number, verb: RunningVerb): void {
    while (verb.statement && isPlainInsert(verb.statement)) {
      this.#inserts.push({ index, statement: verb.statement });
      verb.answer(ONE_CHANGE);
    }
  }

  #takeInserts(): readonly Step[] {
    const inserts = inRowOrder(this.#inserts);
    this.#inserts = [];
    return inserts;
  }

  /** Whose turn it is, and the names that are new to this transaction, with those who ask for them. */
  #choose(): { readonly asking: readonly number[]; readonly takers: ReadonlyMap<string, number> } {
    const asking: number[] = [];
    const takers = new Map<string, number>();
    const waiting: number[] = [];
    for (const [index, { statement }] of this.#running.entries()) {
      if (!statement) continue;
      const { lock } = statement;
      const state = lock === undefined ? "held" : this.#locks.take(lock, index);
      if (state === "taken") waiting.push(index);
      else if (state === "held" || this.#mayAskWith(statement)) asking.push(index);
      if (state === "new") takers.set(lock as string, index);
    }
    if (!this.#limits.waitForNames) for (const name of takers.keys()) this.#names.ask(name);
    // Each waits for another one: taken apart, they run one after the other.
    if (asking.length === 0 && takers.size === 0) {
      const error = new Error("verbs wait for each other");
      throw new RoundFailed(new Map(waiting.map((index) => [index, error])), undefined);
    }
    return { asking, takers };
  }

  /** Whether a statement may travel with the question for its name: it does no harm where the name is refused. */
  #mayAskWith({ text }: Statement): boolean {
    return this.#limits.waitForNames || text.startsWith("SELECT");
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

  /** @throws RoundFailed with whose query was the first to fail; those behind it failed because of it */
  async #ask(queries: readonly OwnedQuery[]): Promise<readonly Answer[]> {
    const outcomes = await this.#send(queries.map(({ query }) => query));
    return outcomes.map((outcome, place) => {
      if (outcome.isOk) return outcome.answer;
      const owners = queries[place]?.owners ?? [];
      throw new RoundFailed(new Map(owners.map((index) => [index, outcome.error])), outcome.error);
    });
  }

  async #send(queries: readonly Query[]): Promise<readonly QueryOutcome[]> {
    if (this.#begun) return await this.#connection.roundTrip(queries, this.#limits.answerMs);
    this.#begun = true;
    const { lockMs, statementMs, answerMs } = this.#limits;
    const ofStatement = statementMs === undefined ? "" : `; SET LOCAL statement_timeout = ${statementMs}`;
    // What is sent behind it cannot wait to see whether it began; a session writes nothing outside, see connections.ts.
    const text = `BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL lock_timeout = ${lockMs}${ofStatement}`;
    const [begin, ...outcomes] = await this.#connection.roundTrip([{ text }, ...queries], answerMs);
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

function planSteps(steps: readonly Step[]): (PlannedQuery & OwnedQuery)[] {
  return planRound(steps.map(({ statement }) => statement)).map((planned) => ({
    ...planned,
    owners: planned.asked.map((place) => (steps[place] as Step).index),
  }));
}

function ofNobody(query: Query): OwnedQuery {
  return { query, owners: [] };
}
