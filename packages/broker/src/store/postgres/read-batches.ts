import type { Statement, StatementResult } from "../verb.ts";
import type { QueryOutcome } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { failureKind, toStoreError, triesAfter } from "./postgres-error.ts";
import { type PlannedQuery, planRound, readRound } from "./round.ts";

interface Reader {
  readonly resolve: (result: StatementResult) => void;
  readonly reject: (error: unknown) => void;
}

interface WaitingRead {
  readonly statement: Statement;
  readonly readers: Reader[];
}

/** Batches on their way at a time; what is asked meanwhile makes the next one. */
const AT_ONCE = 2;
const ANSWER_MS = 10_000;

/**
 * Reads of one turn of the event loop travel together, and the same question is asked once. Each sees what was durable
 * when it was sent, in every process (S-29): nothing is kept.
 */
export class ReadBatches {
  readonly #connections: Connections;
  readonly #waiting: WaitingRead[] = [];
  /** Those that wait, by text and parameter. */
  readonly #same = new Map<string, Map<string, WaitingRead>>();
  #underWay = 0;
  #isScheduled = false;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  ask(statement: Statement): Promise<StatementResult> {
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      const same = this.#findSame(statement);
      if (same) same.readers.push(reader);
      else this.#add(statement, reader);
      this.#schedule();
    });
  }

  #findSame({ text, params }: Statement): WaitingRead | undefined {
    return params.length === 1 ? this.#same.get(text)?.get(String(params[0])) : undefined;
  }

  #add(statement: Statement, reader: Reader): void {
    const read = { statement, readers: [reader] };
    this.#waiting.push(read);
    const { text, params } = statement;
    const [only] = params;
    if (params.length !== 1 || typeof only !== "string") return;
    const byParameter = this.#same.get(text);
    if (byParameter) byParameter.set(only, read);
    else this.#same.set(text, new Map([[only, read]]));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= AT_ONCE || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    // After the I/O of this turn: whatever is read from sockets meanwhile joins the batch.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#underWay += 1;
    const batch = this.#waiting.splice(0);
    this.#same.clear();
    try {
      await this.#answer(batch);
    } catch (error) {
      for (const { readers } of batch) for (const { reject } of readers) reject(error);
    }
    this.#underWay -= 1;
    this.#schedule();
  }

  async #answer(batch: readonly WaitingRead[]): Promise<void> {
    const plan = planRound(batch.map(({ statement }) => statement));
    let outcomes = await this.#send(plan);
    // Reading twice does no harm, and after a restart of the database the first connections at hand are dead ones.
    for (let again = 1; again <= this.#triesAfter(outcomes); again++) outcomes = await this.#send(plan);
    for (const [position, planned] of plan.entries()) {
      const outcome = outcomes[position] as QueryOutcome;
      const readers = (place: number) => (batch[place] as WaitingRead).readers;
      if (outcome.isOk) {
        for (const { place, result } of readRound([planned], [outcome.answer])) {
          for (const { resolve } of readers(place)) resolve(result);
        }
      } else {
        const error = toStoreError(outcome.error);
        for (const { reject } of planned.asked.flatMap(readers)) reject(error);
      }
    }
  }

  /** How often to read again what failed so: 0 when nothing was lost. */
  #triesAfter(outcomes: readonly QueryOutcome[]): number {
    const lost = outcomes.flatMap((outcome) => (!outcome.isOk && isLost(outcome) ? [outcome.error] : []));
    if (lost.length === 0) return 0;
    return Math.min(...lost.map((error) => triesAfter(error, this.#connections.most)));
  }

  async #send(plan: readonly PlannedQuery[]): Promise<QueryOutcome[]> {
    const connection = await this.#connections.acquire();
    const outcomes = await connection.roundTrip(
      plan.map(({ query }) => query),
      ANSWER_MS,
    );
    connection.release(!outcomes.some(isLost));
    return outcomes;
  }
}

function isLost(outcome: QueryOutcome): boolean {
  return !outcome.isOk && failureKind(outcome.error) === "lost";
}
