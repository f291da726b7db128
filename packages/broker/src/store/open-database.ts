import type { Database } from "./database.ts";
import { migrate, requireSameKey, sqliteTypes } from "./migrate.ts";
import { SqliteDatabase } from "./sqlite/sqlite-database.ts";

export interface DatabaseOptions {
  /** `sqlite:PATH` or `sqlite::memory:`. */
  readonly url: string;
  /** From the broker keys; ties the database to them. */
  readonly keyCheck: string;
  readonly now: number;
  readonly onFailure: (error: Error) => void;
  /** Writes that wait for a transaction at most (S-124); MOST_WAITING_WRITES by default. */
  readonly mostWaitingWrites?: number | undefined;
}

/** The file of a SQLite URL; undefined for a database in memory. */
export function sqlitePath(url: string): string | undefined {
  const path = url.slice("sqlite:".length);
  return path === ":memory:" ? undefined : path;
}

/** @throws TypeError for a URL of another kind; its text is not repeated, since it may hold a password */
export function requireSupportedDatabase(url: string): void {
  if (!url.startsWith("sqlite:") || url === "sqlite:") {
    throw new TypeError("--database must be sqlite:PATH or sqlite::memory:");
  }
}

/** Opens the engine the URL names and brings its schema up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  requireSupportedDatabase(options.url);
  const database = new SqliteDatabase({
    path: sqlitePath(options.url) ?? ":memory:",
    onFailure: options.onFailure,
    mostWaiting: options.mostWaitingWrites,
  });
  try {
    await database.write(() => migrate(sqliteTypes, options.now));
    await database.write(() => requireSameKey(options.keyCheck));
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
