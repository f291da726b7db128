import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { deriveBrokerKeys } from "../crypto/broker-keys.ts";
import type { BrokerParts } from "../parts.ts";
import { StoreUnavailable } from "../store/database.ts";
import { startNewEpoch } from "../store/new-epoch.ts";
import { sqlitePath } from "../store/open-database.ts";
import { copySqlite, holdSqlite, inspectSqlite, publishFile, removeSqlite } from "../store/sqlite/sqlite-file.ts";
import { AdminError } from "./admin-error.ts";
import { type AuditReport, verifyAuditTrail } from "./audit-trail.ts";
import { type AdminOptions, openAdmin } from "./open-admin.ts";

/**
 * Copies a SQLite database into a new file while it is in use, and reads the copy through before it gets its name.
 * @throws AdminError `UNSUPPORTED` for Postgres, `EXISTS` when the file is there, `DAMAGED` when the copy is not whole
 */
export async function backUp(database: string, to: string): Promise<{ readonly path: string }> {
  const from = requireSqliteFile(database, "pg_dump --format=custom is the backup of a Postgres database.");
  if (!existsSync(from)) throw new AdminError("NOT_FOUND", `There is no database ${from}.`);
  if (existsSync(to)) throw new AdminError("EXISTS", `${to} is there already: give the backup another name.`);
  const unfinished = `${to}.unfinished`;
  try {
    await takeCopy(from, unfinished, { isOurs: true });
    publishFile(unfinished, to);
  } catch (error) {
    removeSqlite(unfinished);
    throw error;
  }
  return { path: to };
}

/**
 * Voids every code, session and token at once (S-123): after a database was restored by other means, or when the broker
 * key's host was broken into. People log in again; apps, accounts and secrets stay.
 */
export async function beginNewEpoch({ db, keys, clock }: BrokerParts): Promise<void> {
  const now = clock.now();
  await db.write(() => startNewEpoch(keys.audit, now), { isPatient: true });
}

export interface RestoreReport {
  readonly path: string;
  /** Where the replaced database is now; null when there was none. */
  readonly replaced: string | null;
  /** The audit rows as they were in the backup. */
  readonly audit: AuditReport;
}

/**
 * Puts a backup in the place of the database, in a new epoch (S-123). Key, integrity and audit rows of the backup are
 * checked on a copy first; until the last moment the database stays as it is, and then it is moved aside, not removed.
 * @throws AdminError `IN_USE` while a server runs on the database, `DAMAGED`, `OTHER_KEY`, `NOT_FOUND`, `UNSUPPORTED`
 */
export async function restore(options: AdminOptions, backup: string): Promise<RestoreReport> {
  const path = requireSqliteFile(
    options.database,
    "restore a Postgres database with pg_restore, then run kunji admin new-epoch before the broker starts.",
  );
  if (!existsSync(backup)) throw new AdminError("NOT_FOUND", `There is no file ${backup}.`);
  if (existsSync(path) && realpathSync(path) === realpathSync(backup)) {
    throw new AdminError("REFUSED", "The backup is the database itself.");
  }
  const held = holdSqlite(path);
  if (!held) throw inUse(path);
  const copy = `${path}.restoring`;
  try {
    if ((await takeCopy(backup, copy, { isOurs: false })) !== deriveBrokerKeys(options.masterKey).check)
      throw otherKey(backup);
    const { audit, now } = await renew({ ...options, database: `sqlite:${copy}` });
    const replaced = existsSync(path) ? freeName(`${path}.replaced-${fileTime(now)}`) : null;
    if (!held.replaceBy(copy, replaced ?? path)) throw inUse(path);
    return { path, replaced, audit };
  } catch (error) {
    removeSqlite(copy);
    throw error;
  } finally {
    held.release();
  }
}

/**
 * Copies a database and reads all of the copy.
 * @returns what ties it to its key
 * @throws AdminError `DAMAGED`
 */
async function takeCopy(from: string, to: string, options: { readonly isOurs: boolean }): Promise<string> {
  const damaged = (problem: string) => new AdminError("DAMAGED", `${from} ${problem}`);
  await copySqlite(from, to, options).catch((error: unknown) => {
    throw error instanceof StoreUnavailable ? damaged(`cannot be read: ${error.message}.`) : error;
  });
  const file = inspectSqlite(to);
  if (file.outcome === "damaged") throw damaged(`is damaged: ${file.problem}.`);
  if (file.outcome === "foreign") throw damaged("is no database of a broker.");
  return file.keyCheck;
}

function inUse(path: string): AdminError {
  return new AdminError("IN_USE", `Another process has ${path} open: stop the broker, then restore.`);
}

function otherKey(backup: string): AdminError {
  return new AdminError(
    "OTHER_KEY",
    `${backup} was made with another broker key: set KUNJI_KEY or KUNJI_KEY_FILE to that one.`,
  );
}

/** Checks the audit rows as they were, then voids what could live again. */
async function renew(options: AdminOptions): Promise<{ audit: AuditReport; now: number }> {
  const { parts, close } = await openAdmin(options);
  try {
    const audit = await verifyAuditTrail(parts);
    await beginNewEpoch(parts);
    return { audit, now: parts.clock.now() };
  } finally {
    await close();
  }
}

function requireSqliteFile(url: string, otherwise: string): string {
  const path = url.startsWith("sqlite:") ? sqlitePath(url) : undefined;
  if (path !== undefined) return resolve(path);
  throw new AdminError("UNSUPPORTED", `This works on a SQLite file; ${otherwise}`);
}

/** Two restores in one second must not put one replaced database over the other. */
function freeName(path: string): string {
  let name = path;
  for (let n = 2; existsSync(name); n++) name = `${path}-${n}`;
  return name;
}

/** `20261120T213000Z`: sorts, and is a name on every file system. */
function fileTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}
