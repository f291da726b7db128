import Sqlite from "better-sqlite3";

/** Disk full, input or output error, damaged or lost file: nothing this process writes can be trusted any more (S-119). */
const FINAL = /^SQLITE_(?:FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN)/;
const BUSY = /^SQLITE_(?:BUSY|LOCKED)/;

/** @returns whether the process must not go on writing (S-119) */
export function isFinal(error: unknown): error is Error {
  return error instanceof Sqlite.SqliteError && FINAL.test(error.code);
}

/** @returns whether another process has the file now. Nothing was written; a later try may go through */
export function isBusy(error: unknown): error is Error {
  return error instanceof Sqlite.SqliteError && BUSY.test(error.code);
}
