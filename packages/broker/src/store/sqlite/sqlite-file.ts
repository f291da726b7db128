import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";

/**
 * Copies a database into a new file, also one that is in use: what was committed when the copy begins is in it. Writers
 * are not held up, since the log keeps what they write meanwhile.
 * @param to is replaced; one file, without a log beside it
 * @throws Error when `from` is no database or damaged
 */
export async function copySqlite(from: string, to: string): Promise<void> {
  removeSqlite(to);
  const source = new Sqlite(from, { readonly: true, fileMustExist: true });
  try {
    // All in one step: between two of them a busy writer would make it begin again, and again.
    await source.backup(to, { progress: () => MOST_PAGES });
  } finally {
    source.close();
  }
  const copy = new Sqlite(to);
  try {
    // A copy has the mode of what it was copied from. Without the log it is one file, whole wherever it is put.
    copy.pragma("journal_mode = DELETE");
  } finally {
    copy.close();
  }
}

const MOST_PAGES = 0x7fffffff;

/** What a file is, before it is opened as a database of the broker. */
export type SqliteFile =
  | { readonly outcome: "database"; readonly keyCheck: string }
  /** Another program's database. */
  | { readonly outcome: "foreign" }
  | { readonly outcome: "damaged"; readonly problem: string };

/** Reads all of a file and changes nothing. */
export function inspectSqlite(path: string): SqliteFile {
  const connection = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    const check = String(connection.pragma("integrity_check(1)", { simple: true }));
    if (check !== "ok") return { outcome: "damaged", problem: check };
    const tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    if (!tables.includes("facts") || !tables.includes("audit")) return { outcome: "foreign" };
    const keyCheck = connection.prepare("SELECT value FROM facts WHERE name = 'key check'").pluck().get();
    return typeof keyCheck === "string" ? { outcome: "database", keyCheck } : { outcome: "foreign" };
  } catch (error) {
    if (error instanceof Sqlite.SqliteError) return { outcome: "damaged", problem: error.message };
    throw error;
  } finally {
    connection.close();
  }
}

/** A database file that nobody else can use until it is released. */
export interface HeldSqlite {
  readonly release: () => void;
}

/**
 * Takes a database file out of use, with its log written back into it.
 * @returns undefined while another process has it open
 */
export function holdSqlite(path: string): HeldSqlite | undefined {
  if (!existsSync(path)) return { release() {} };
  const connection = new Sqlite(path, { fileMustExist: true, timeout: 0 });
  const release = () => connection.close();
  try {
    // Only the last connection may leave the log, and then nobody may come before the lock is given back.
    const mode = connection.pragma("journal_mode = DELETE", { simple: true });
    if (mode === "delete") {
      connection.exec("BEGIN EXCLUSIVE");
      return { release };
    }
  } catch (error) {
    // A file too damaged to be opened cannot be in use either: the broker ends when it meets that (S-119).
    if (isDamage(error)) return { release };
    if (!isBusy(error)) {
      release();
      throw error;
    }
  }
  release();
  return undefined;
}

/**
 * Puts a file in the place of a database that is held, and keeps what was there.
 * @param aside where the earlier one goes, with what is left of its log
 */
export function replaceSqlite(path: string, next: string, aside: string): void {
  for (const end of ENDINGS) if (existsSync(path + end)) renameSync(path + end, aside + end);
  renameSync(next, path);
  syncFolder(path);
}

/** Gives a finished file its name. */
export function publishFile(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(to);
}

/** Removes a database and its log. */
export function removeSqlite(path: string): void {
  for (const end of ENDINGS) rmSync(path + end, { force: true });
}

const ENDINGS = ["", "-wal", "-shm", "-journal"] as const;

/** A rename lasts when its folder is on the disk. */
function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code);
}

function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && /^SQLITE_(?:BUSY|LOCKED)/.test(error.code);
}
