import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { Admin, AdminErrorCode } from "@kunji/broker";
import { CommandError, type ExitCode, exitCodes } from "../command-error.ts";
import { keepMemoryOutOfDumps } from "../memory-dumps.ts";
import { loadBrokerKey } from "../serve/broker-key.ts";
import type { BrokerModule } from "../serve/serve-plan.ts";
import { createStyle, type Style, wantsColour } from "../terminal/style.ts";
import { type AdminFlags, type AdminPlan, planAdmin, requireKeyFile } from "./admin-plan.ts";

/** What a command of `kunji admin` works with. */
export interface AdminWork extends AdminPlan {
  readonly broker: BrokerModule;
  readonly print: Print;
}

export interface AdminSession extends AdminWork {
  readonly parts: Admin["parts"];
}

/** Prints the answer on stdout: one line of JSON, or text for a person. */
export interface Print {
  readonly json: boolean;
  readonly style: Style;
  readonly answer: (data: object, text: () => string) => void;
}

/** Runs a command of `kunji admin`; what goes wrong becomes one sentence and an exit code. */
export async function runAdmin(flags: AdminFlags, work: (work: AdminWork) => Promise<void>): Promise<void> {
  // Backups and exports are for this user's eyes too (S-79).
  process.umask(0o077);
  keepMemoryOutOfDumps(process.platform);
  const broker = await import("@kunji/broker");
  try {
    await work({ ...planAdmin(flags, process.env, broker), broker, print: createPrint(flags) });
  } catch (error) {
    throw toCommandError(error, broker);
  }
}

/** Runs a command on the opened database. */
export async function withAdmin(flags: AdminFlags, use: (session: AdminSession) => Promise<void>): Promise<void> {
  await runAdmin(flags, async (work) => {
    const { broker, database, settings } = work;
    broker.requireDatabase(database);
    const masterKey = readMasterKey(work, { create: false });
    await useDatabase(work, { database, settings, masterKey }, use);
  });
}

/** A command that makes something, and the database and its key when there are none. */
export interface Creation<Request, Created extends object> {
  /** What is to be made; asks whoever is at the terminal. */
  readonly read: (work: AdminWork) => Promise<Request>;
  readonly create: (session: AdminSession, request: Request) => Promise<Created>;
  readonly show: (created: Created, style: Style) => string;
}

/**
 * Makes something. Where there is no database yet it is made in memory first: what is refused there must leave neither a
 * database nor a key behind, which would look like a broker that somebody set up.
 */
export async function createWithAdmin<Request, Created extends object>(
  flags: AdminFlags,
  { read, create, show }: Creation<Request, Created>,
): Promise<void> {
  await runAdmin(flags, async (work) => {
    const { broker, database, settings, print } = work;
    const request = await read(work);
    const path = broker.sqlitePath(database);
    if (path !== undefined && !existsSync(path)) {
      const rehearsal = { database: "sqlite::memory:", settings, masterKey: randomBytes(32), create: true };
      await useDatabase(work, rehearsal, (session) => create(session, request));
    }
    const masterKey = readMasterKey(work, { create: true });
    const created = await useDatabase(work, { database, settings, masterKey, create: true }, (session) =>
      create(session, request),
    );
    print.answer(created, () => show(created, print.style));
  });
}

async function useDatabase<Result>(
  work: AdminWork,
  options: Parameters<BrokerModule["openAdmin"]>[0],
  use: (session: AdminSession) => Promise<Result>,
): Promise<Result> {
  const { parts, close } = await work.broker.openAdmin(options);
  try {
    return await use({ ...work, parts });
  } finally {
    await close();
  }
}

/** The key as `kunji serve` has it. */
export function readMasterKey(work: AdminWork, options: { readonly create: boolean }): Buffer {
  if (!options.create) requireKeyFile(work, work.broker);
  return loadBrokerKey(work, work.broker, (text) => process.stderr.write(`${text}\n`));
}

function createPrint({ json }: AdminFlags): Print {
  const style = createStyle(wantsColour(process.stdout, process.env));
  return {
    json: json === true,
    style,
    answer: (data, text) => process.stdout.write(`${json ? JSON.stringify(data) : text()}\n`),
  };
}

const codes: Readonly<Record<AdminErrorCode, ExitCode>> = {
  REFUSED: exitCodes.usedWrongly,
  UNSUPPORTED: exitCodes.usedWrongly,
  NOT_FOUND: exitCodes.failed,
  EXISTS: exitCodes.failed,
  IN_USE: exitCodes.failed,
  DAMAGED: exitCodes.failed,
  OTHER_KEY: exitCodes.failed,
};

function toCommandError(error: unknown, broker: BrokerModule): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof broker.AdminError) return new CommandError(codes[error.code], error.message, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new CommandError(exitCodes.failed, sentence(message), { cause: error });
}

/** Errors of the store are clauses: "this database was made with another broker key". */
function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
