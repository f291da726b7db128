import type { Database, StoreListener } from "./database.ts";
import { migrate, postgresTypes, requireSameKey, sqliteTypes } from "./migrate.ts";
import { SqliteDatabase } from "./sqlite/sqlite-database.ts";

export interface DatabaseOptions {
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://...`. */
  readonly url: string;
  /** From the broker keys; ties the database to them. */
  readonly keyCheck: string;
  readonly now: number;
  readonly onFailure: (error: Error) => void;
  /** Writes that wait for a transaction at most (S-124); MOST_WAITING_WRITES by default. */
  readonly mostWaitingWrites?: number | undefined;
  readonly listener?: StoreListener | undefined;
}

/** The file of a SQLite URL; undefined for a database in memory, and for Postgres. */
export function sqlitePath(url: string): string | undefined {
  if (!url.startsWith("sqlite:")) return undefined;
  const path = url.slice("sqlite:".length);
  return path === ":memory:" ? undefined : path;
}

/** @throws TypeError for a URL of another kind; its text is not repeated, since it may hold a password */
export function requireSupportedDatabase(url: string): void {
  const isSqlite = url.startsWith("sqlite:") && url !== "sqlite:";
  if (isSqlite || isPostgres(url)) return;
  throw new TypeError("--database must be sqlite:PATH, sqlite::memory: or postgres://user@host:port/database");
}

function isPostgres(url: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url);
}

/** Opens the engine the URL names and brings its schema up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  requireSupportedDatabase(options.url);
  return isPostgres(options.url) ? await openPostgres(options) : await openSqlite(options);
}

async function openSqlite(options: DatabaseOptions): Promise<Database> {
  const database = new SqliteDatabase({
    path: sqlitePath(options.url) ?? ":memory:",
    onFailure: options.onFailure,
    mostWaiting: options.mostWaitingWrites,
    listener: options.listener,
  });
  return await orClose(database, async () => {
    await database.write(() => migrate(sqliteTypes, options.now));
    await database.write(() => requireSameKey(options.keyCheck));
  });
}

async function openPostgres(options: DatabaseOptions): Promise<Database> {
  // Loaded only where it is used: the embedded engine is ready without it.
  const { PostgresDatabase } = await import("./postgres/postgres-database.ts");
  const { url, mostWaitingWrites: mostWaiting, listener } = options;
  const database = new PostgresDatabase({ url, mostWaiting, listener });
  return await orClose(database, async () => {
    await database.writePatiently(() => migrate(postgresTypes, options.now));
    await database.write(() => requireSameKey(options.keyCheck));
  });
}

async function orClose(database: Database, prepare: () => Promise<void>): Promise<Database> {
  try {
    await prepare();
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
