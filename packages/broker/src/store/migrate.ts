import { initial } from "./migrations/0001-initial.ts";
import { orderConnect } from "./migrations/0002-order-connect.ts";
import { accountConsole } from "./migrations/0003-console.ts";
import { execute, selectAll, selectOne, type Verb } from "./verb.ts";

/** The words in which the engines differ. */
export interface ColumnTypes {
  readonly bytes: string;
  readonly bigint: string;
  /** An ever-rising primary key the database assigns. */
  readonly serial: string;
  /** Table suffix that stores rows in primary-key order where the engine offers it. */
  readonly clustered: string;
}

export const sqliteTypes: ColumnTypes = {
  bytes: "BLOB",
  bigint: "INTEGER",
  serial: "INTEGER PRIMARY KEY AUTOINCREMENT",
  clustered: "WITHOUT ROWID",
};

export interface Migration {
  readonly name: string;
  readonly statements: (types: ColumnTypes) => readonly string[];
}

/** In order; a new one is a new file and one line here. A released one never changes. */
export const migrations: readonly Migration[] = [initial, orderConnect, accountConsole];

/** Brings the schema up to date. Runs inside one transaction: a crash leaves the old schema or the new one. */
export function* migrate(types: ColumnTypes, now: number): Verb<string[]> {
  yield* execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)");
  yield* execute("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
  const applied = new Set((yield* selectAll<{ name: string }>("SELECT name FROM migrations")).map((row) => row.name));
  const unknown = [...applied].filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length > 0) throw new Error(`the database was written by a newer version (${unknown.join(", ")})`);
  const ran: string[] = [];
  for (const migration of migrations) {
    if (applied.has(migration.name)) continue;
    for (const statement of migration.statements(types)) yield* execute(statement);
    yield* execute("INSERT INTO migrations VALUES (?, ?)", migration.name, new Date(now).toISOString());
    ran.push(migration.name);
  }
  return ran;
}

/**
 * Ties the database to the key that is kept outside it.
 * @throws Error when the database was made with another key: every digest in it would fail to match
 */
export function* requireSameKey(check: string): Verb<void> {
  const stored = yield* selectOne<{ value: string }>("SELECT value FROM facts WHERE name = 'key check'");
  if (!stored) yield* execute("INSERT INTO facts VALUES ('key check', ?)", check);
  else if (stored.value !== check) throw new Error("this database was made with another broker key");
}
