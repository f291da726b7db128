import type Sqlite from "better-sqlite3";
import type { Statement, StatementResult } from "../verb.ts";

/** A SQL text that was prepared once. */
export interface PreparedStatement {
  /** Runs it with the parameters of a statement. */
  readonly run: (statement: Statement) => StatementResult;
  /** Whether it may change the audit table. */
  readonly changesAudit: boolean;
}

const NO_ROWS: readonly unknown[] = [];

/**
 * Prepares a text once. Rows are fetched as arrays and named here: the driver spends as long on making an object of a
 * row as SQLite on finding it, and half the time of a lookup is saved.
 */
export function prepareStatement(connection: Sqlite.Database, text: string): PreparedStatement {
  const prepared = connection.prepare(text);
  if (!prepared.reader) {
    const run = ({ params }: Statement) => ({ rows: NO_ROWS, changes: prepared.run(...params).changes });
    return { run, changesAudit: /\baudit\b/i.test(text) };
  }

  const names = prepared.columns().map((column) => column.name);
  prepared.raw(true);
  const nameAll = (values: readonly unknown[]) => nameValues(names, values);
  const run = ({ params, firstOnly, read = nameAll }: Statement) => {
    if (firstOnly) {
      const values = prepared.get(...params) as unknown[] | undefined;
      return values ? { rows: [read(values)], changes: 1 } : { rows: NO_ROWS, changes: 0 };
    }
    const rows = prepared.all(...params) as unknown[][];
    return { rows: rows.map((values) => read(values)), changes: rows.length };
  };
  // A reader may write as well, with RETURNING.
  return { run, changesAudit: !prepared.readonly && /\baudit\b/i.test(text) };
}

function nameValues(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  // The names are the column names of our own statements, never input.
  for (let index = 0; index < names.length; index++) row[names[index] as string] = values[index];
  return row;
}
