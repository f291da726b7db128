import { hash } from "node:crypto";
import type { ParameterKind, Statement, Value } from "../verb.ts";

/** A text as Postgres prepares it: once for each connection, under this name. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** A statement that does the work of many. Its parameters are arrays, one for each parameter of the single one. */
export interface PreparedForMany extends Prepared {
  /** `rows`: the first column says whose row it is; `changes`: whose row was changed; `inserts`: all were inserted. */
  readonly answers: "rows" | "changes" | "inserts";
}

const single = new Map<string, Prepared>();
const many = new Map<string, PreparedForMany>();

/** The statement with `$n` for each `?`. */
export function prepared(text: string): Prepared {
  let found = single.get(text);
  if (!found) {
    let count = 0;
    found = { name: nameOf(`one ${text}`), text: replacePlaceholders(text, () => `$${++count}`) };
    single.set(text, found);
  }
  return found;
}

/** The statement that runs for every row of its arrays at once. Made of texts that the source itself writes down. */
export function preparedForMany(text: string, kinds: readonly ParameterKind[]): PreparedForMany {
  let found = many.get(text);
  if (!found) {
    found = { name: nameOf(`many ${text}`), ...forMany(text, kinds) };
    many.set(text, found);
  }
  return found;
}

/**
 * The same text has the same name in every process. Somebody between us and Postgres may hand a connection on with what
 * another process prepared on it: a number would then run that one's statement with our parameters.
 */
function nameOf(text: string): string {
  return hash("sha256", text).slice(0, 16);
}

/** Whether the statement does nothing but insert one row, so that its result is known before it has run. */
export function isPlainInsert({ text, kinds, lock }: Statement): boolean {
  return kinds !== undefined && lock === undefined && preparedForMany(text, kinds).answers === "inserts";
}

function forMany(text: string, kinds: readonly ParameterKind[]): Omit<PreparedForMany, "name"> {
  let count = 0;
  const body = replacePlaceholders(text, () => `many.p${++count}`).trim();
  if (count !== kinds.length) throw new TypeError(`kinds of ${kinds.length} parameters for ${count}: ${text}`);
  const arrays = kinds.map((kind, index) => `$${index + 1}::${ARRAYS[kind]}`).join(", ");
  const names = kinds.map((_, index) => `p${index + 1}`).join(", ");
  const source = `unnest(${arrays}) WITH ORDINALITY AS many (${names}, ord)`;
  if (body.startsWith("SELECT ")) {
    return { answers: "rows", text: `SELECT many.ord, found.* FROM ${source} CROSS JOIN LATERAL (${body}) AS found` };
  }
  const insert = /^(INSERT INTO [^()]*\([^()]*\))\s+VALUES \(([\s\S]*)\)$/.exec(body);
  if (insert) {
    const [, target, values] = insert;
    return { answers: "inserts", text: `${target} SELECT ${values} FROM ${source} ORDER BY many.ord` };
  }
  const update = /^(UPDATE [^()]*?)\s+WHERE ([\s\S]*)$/.exec(body);
  if (!update) throw new TypeError(`not a statement that can run for many at once: ${text}`);
  const [, assignments, condition] = update;
  return { answers: "changes", text: `${assignments} FROM ${source} WHERE ${condition} RETURNING many.ord` };
}

const ARRAYS = { text: "text[]", number: "bigint[]", bytes: "bytea[]" } as const satisfies Record<
  ParameterKind,
  string
>;

/** Placeholders stand outside quotes. */
function replacePlaceholders(text: string, next: () => string): string {
  return text.replaceAll(/'[^']*'|\?/g, (found) => (found === "?" ? next() : found));
}

/**
 * A value as Postgres takes it. Its text cannot hold NUL, and no stored value does: the replacement character keeps a
 * look-up a look-up that finds nothing, as the driver does with what is no Unicode.
 */
export function toParameter(value: Value): Value {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
}
