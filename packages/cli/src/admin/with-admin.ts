import type { Admin, AdminErrorCode } from "@kunji/broker";
import { CommandError, type ExitCode, exitCodes } from "../command-error.ts";
import { loadBrokerKey } from "../serve/broker-key.ts";
import { keepMemoryOutOfDumps } from "../serve/memory-dumps.ts";
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

/** Runs a command on the opened database. @param options.create makes it, and its key, when there is none */
export async function withAdmin(
  flags: AdminFlags,
  use: (session: AdminSession) => Promise<void>,
  options: { readonly create: boolean } = { create: false },
): Promise<void> {
  await runAdmin(flags, async (work) => {
    const { broker, database, settings } = work;
    if (!options.create) broker.requireDatabase(database);
    const { parts, close } = await broker.openAdmin({
      database,
      settings,
      masterKey: readMasterKey(work, options),
      create: options.create,
    });
    try {
      await use({ ...work, parts });
    } finally {
      await close();
    }
  });
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
  const exitCode = error instanceof broker.AdminError ? codes[error.code] : exitCodes.failed;
  const message = error instanceof Error ? error.message : String(error);
  return new CommandError(exitCode, sentence(message), { cause: error });
}

/** Errors of the store are clauses: "this database was made with another broker key". */
function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
