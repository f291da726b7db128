import Sqlite from "better-sqlite3";
import { StoreUnavailable } from "../database.ts";

/** The WAL-reset bug corrupts databases before this version (S-118). */
const OLDEST_SAFE_SQLITE = "3.51.3";

/**
 * Opens a file, or `:memory:`, the way the broker needs it: a commit that is confirmed is on the disk (S-117). While it
 * opens it waits for other processes, at most five seconds.
 * @throws StoreUnavailable when SQLite is too old or the database is damaged
 */
export function openConnection(path: string): Sqlite.Database {
  const connection = new Sqlite(path);
  try {
    requireSafeVersion(connection);
    connection.pragma("journal_mode = WAL");
    connection.pragma("synchronous = FULL");
    connection.pragma("foreign_keys = ON");
    connection.pragma("busy_timeout = 5000");
    connection.pragma("trusted_schema = OFF");
    const check = connection.pragma("quick_check(1)", { simple: true });
    if (check !== "ok") throw new StoreUnavailable(`the database is damaged: ${String(check)}`);
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

function requireSafeVersion(connection: Sqlite.Database): void {
  const version = connection.prepare("SELECT sqlite_version()").pluck().get() as string;
  if (compareVersions(version, OLDEST_SAFE_SQLITE) < 0) {
    throw new StoreUnavailable(
      `SQLite ${version} has a known corruption bug; ${OLDEST_SAFE_SQLITE} or later is needed`,
    );
  }
}

/** @internal exported for its test */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
