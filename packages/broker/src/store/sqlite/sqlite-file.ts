import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import { StoreUnavailable } from "../database.ts";

/**
 * Copies a database into a new file, also one that is in use: what was committed when the copy begins is in it. Writers
 * are not held up, since the log keeps what they write meanwhile.
 * @param to is replaced; one file, without a log beside it
 * @param options.isOurs the file of this machine's broker: it may be opened for writing, and then nothing stays beside it
 * @throws StoreUnavailable when `from` is no database, or a damaged one
 */
export async function copySqlite(from: string, to: string, options: { readonly isOurs: boolean }): Promise<void> {
  removeSqlite(to);
  try {
    await copyPages(from, to, !options.isOurs);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    throw new StoreUnavailable(error.message, { cause: error });
  }
}

async function copyPages(from: string, to: string, readonly: boolean): Promise<void> {
  const source = new Sqlite(from, { readonly, fileMustExist: true });
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

/** A database file that nobody else can open for use until it is released. */
export interface HeldSqlite {
  /**
   * Puts another file in its place.
   * @param aside where this one goes, with what is left of its log
   * @returns false, with nothing done, when there was no file to hold and somebody has made one since
   */
  readonly replaceBy: (next: string, aside: string) => boolean;
  readonly release: () => void;
}

/**
 * Takes a database file out of use, with its log written back into it; also a file that is not there.
 * @returns undefined while another process has it open
 */
export function holdSqlite(path: string): HeldSqlite | undefined {
  const connection = existsSync(path) ? openAlone(path) : undefined;
  if (connection === "in-use") return undefined;
  const release = () => connection?.close();
  return {
    release,
    replaceBy(next, aside) {
      // Whoever made it has it open: renamed away, it would go on being written to.
      if (!connection && existsSync(path)) return false;
      // There no open file can be renamed; elsewhere the lock holds until the other file is in place.
      if (process.platform === "win32") release();
      for (const end of ENDINGS) if (existsSync(path + end)) renameSync(path + end, aside + end);
      publishFile(next, path);
      return true;
    },
  };
}

function openAlone(path: string): Sqlite.Database | "in-use" {
  const connection = new Sqlite(path, { fileMustExist: true, timeout: 0 });
  try {
    // Only the last connection may leave the log behind; after that nobody comes in before this one is closed.
    if (connection.pragma("journal_mode = DELETE", { simple: true }) === "delete") {
      connection.exec("BEGIN EXCLUSIVE");
      return connection;
    }
  } catch (error) {
    // A file too damaged to be opened cannot be in use either: the broker ends when it meets that (S-119).
    if (isDamage(error)) return connection;
    if (!isBusy(error)) {
      connection.close();
      throw error;
    }
  }
  connection.close();
  return "in-use";
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
