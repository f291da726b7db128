/**
 * A verb of the protocol is a generator: it yields SQL statements and gets their results back. SQLite runs it in
 * one go, Postgres with a round trip per step; the verb is written once and knows neither.
 */

/** One statement; parameters are `?` in the text and are always bound (S-109). */
export interface Statement {
  readonly text: string;
  readonly params: readonly Value[];
  /** Only the first row is wanted, so the engine need not look for another. */
  readonly firstOnly: boolean;
}

/** What may be bound. Booleans are stored as 0 and 1, times as epoch milliseconds, lists and objects as JSON text. */
export type Value = string | number | Uint8Array | null;

export interface StatementResult {
  readonly rows: readonly unknown[];
  /** Rows the statement changed. */
  readonly changes: number;
}

export type Verb<T> = Generator<Statement, T, StatementResult>;

/** All rows of a query, in the shape the caller names. */
export function* selectAll<Row>(text: string, ...params: Value[]): Verb<Row[]> {
  const result = yield { text, params, firstOnly: false };
  return result.rows as Row[];
}

/** The first row of a query, if there is one. */
export function* selectOne<Row>(text: string, ...params: Value[]): Verb<Row | undefined> {
  const result = yield { text, params, firstOnly: true };
  return result.rows[0] as Row | undefined;
}

/** Runs a statement. @returns how many rows it changed */
export function* execute(text: string, ...params: Value[]): Verb<number> {
  const result = yield { text, params, firstOnly: false };
  return result.changes;
}
