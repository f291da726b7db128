/**
 * A verb of the protocol is a generator: it yields SQL statements and gets their results back. SQLite runs it in
 * one go, Postgres with a round trip per step, beside other verbs of the same transaction and of other processes; the
 * verb is written once and knows neither.
 *
 * What a verb has read may change before it writes. So it decides by a conditional statement whose row count tells, or
 * it reads under a name (`under()`), and whatever else decides on those rows does so under the same name.
 *
 * Whoever loses such a conditional statement sees only what the winner has done so far: the winner may be in the same
 * transaction, and not be done. What the loser must find there is written before that statement, or by it.
 */

/** One statement; parameters are `?` in the text and are always bound (S-109). */
export interface Statement {
  readonly text: string;
  readonly params: readonly Value[];
  /** Only the first row is wanted, so the engine need not look for another. */
  readonly firstOnly: boolean;
  /** Kinds of the parameters, where many of these may run as one statement; see `manyAtOnce()`. */
  readonly kinds?: readonly ParameterKind[] | undefined;
  /** Makes a row of the values of its columns; absent: the engine names them as the query does. */
  readonly read?: ReadRow<unknown> | undefined;
  /** A name that is this verb's alone from here to the end of its transaction. */
  readonly lock?: string | undefined;
}

/** A row of the audit chain. The engine links it to the row before it, in the order of the commits (S-99). */
export interface AuditLink {
  readonly link: {
    /** Epoch milliseconds. */
    readonly at: number;
    readonly event: string;
    readonly client_id: string | null;
    readonly account_id: string | null;
    readonly detail: string;
  };
  /** @param previous hash of the newest row; undefined before there is one */
  readonly hashAfter: (previous: Uint8Array | undefined) => Uint8Array;
}

export type Step = Statement | AuditLink;

/** What may be bound. Booleans are stored as 0 and 1, times as epoch milliseconds, lists and objects as JSON text. */
export type Value = string | number | Uint8Array | null;

/** What kind of value a parameter takes. */
export type ParameterKind = "text" | "number" | "bytes";

export interface StatementResult {
  readonly rows: readonly unknown[];
  /** Rows the statement changed. */
  readonly changes: number;
}

export type Verb<T> = Generator<Step, T, StatementResult>;

/** Makes a row of the values of its columns, in the order of the query. */
export type ReadRow<Row> = (values: readonly unknown[]) => Row;

/** A statement's text, with what the engines may make of it. `Row` is what `read` makes; without it, whatever is asked for. */
export interface StatementText<Row = never> {
  readonly text: string;
  readonly kinds?: readonly ParameterKind[];
  readonly read?: ReadRow<Row>;
  readonly lock?: string;
}

/**
 * A statement that many verbs of one turn run side by side: Postgres makes one statement of them. For a SELECT, an
 * INSERT of one row without ON CONFLICT, or an UPDATE with one condition that no longer holds once it has run: of
 * two that meet at a row, one changes it and the other finds nothing to change. A verb need not be kept waiting for such
 * an INSERT: it goes through, or the transaction does not.
 * @param kinds of the parameters, in their order
 */
export function manyAtOnce(text: string, kinds: readonly ParameterKind[]): StatementText {
  return { text, kinds };
}

/**
 * A query on a hot path that says itself what its columns become: naming them one by one at run time costs as much as
 * fetching them.
 */
export function reading<Row>(query: StatementText, read: ReadRow<Row>): StatementText<Row> {
  return { ...query, read };
}

/**
 * A statement that runs under a name. Everybody who asks for the same name waits until this verb's transaction has
 * ended; on SQLite, which has one writer at a time, nobody needs to. Only in writes.
 */
export function under<Row = never>(lock: string, statement: string | StatementText<Row>): StatementText<Row> {
  return typeof statement === "string" ? { text: statement, lock } : { ...statement, lock };
}

/** All rows of a query, in the shape the caller names. */
export function* selectAll<Row>(statement: string | StatementText<Row>, ...params: Value[]): Verb<Row[]> {
  const result = yield toStatement(statement, params, false);
  return result.rows as Row[];
}

/** The first row of a query, if there is one. */
export function* selectOne<Row>(statement: string | StatementText<Row>, ...params: Value[]): Verb<Row | undefined> {
  const result = yield toStatement(statement, params, true);
  return result.rows[0] as Row | undefined;
}

/** Runs a statement. @returns how many rows it changed */
export function* execute(statement: string | StatementText, ...params: Value[]): Verb<number> {
  const result = yield toStatement(statement, params, false);
  return result.changes;
}

// Every field in one order, whether it is given or not: the engines read them on every request.
function toStatement(
  statement: string | StatementText<unknown>,
  params: readonly Value[],
  firstOnly: boolean,
): Statement {
  if (typeof statement === "string") {
    return { text: statement, params, firstOnly, kinds: undefined, read: undefined, lock: undefined };
  }
  const { text, kinds, read, lock } = statement;
  return { text, params, firstOnly, kinds, read, lock };
}
