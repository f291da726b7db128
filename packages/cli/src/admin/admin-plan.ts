import { existsSync } from "node:fs";
import type { Settings } from "@kunji/broker";
import { usageError } from "../command-error.ts";
import type { BrokerModule } from "../serve/serve-plan.ts";

/** The flags that every command of `kunji admin` has. */
export interface AdminFlags {
  readonly database?: string;
  readonly json?: true;
}

/** Which database is meant, and the settings of the broker that runs on it. */
export interface AdminPlan {
  readonly database: string;
  readonly settings: Settings;
}

/**
 * Reads flags and environment as `kunji serve` does, so that both mean the same database and key.
 * @throws CommandError with every problem at once; no value is repeated, some are secret
 */
export function planAdmin(
  flags: AdminFlags,
  environment: Readonly<Record<string, string | undefined>>,
  broker: BrokerModule,
): AdminPlan {
  const problems: string[] = [];
  let settings: Settings | undefined;
  try {
    settings = broker.readSettings(environment);
  } catch (error) {
    if (!(error instanceof broker.SettingsError)) throw error;
    problems.push(...error.problems.map((problem) => `${problem}.`));
  }
  const database = flags.database ?? (settings?.KUNJI_DATABASE_URL || "sqlite:kunji.db");
  try {
    broker.requireSupportedDatabase(database);
  } catch (error) {
    problems.push(`${(error as Error).message}.`);
  }
  if (database === "sqlite::memory:") problems.push("A database in memory ends with its process: name a file.");
  if (problems.length > 0 || !settings) throw usageError(problems);
  return { database, settings };
}

/**
 * Where no database is to be made, no key is to be made either: it would fit nothing.
 * @throws CommandError when the key file is not there
 */
export function requireKeyFile({ database, settings }: AdminPlan, broker: BrokerModule): void {
  const databasePath = broker.sqlitePath(database);
  const path = settings.KUNJI_KEY_FILE || (databasePath && `${databasePath}.key`);
  if (settings.KUNJI_KEY !== "" || !path || existsSync(path)) return;
  throw usageError([
    `The broker key ${path} is not there: put it back, or name it with KUNJI_KEY_FILE. Without it no secret in the database can be checked.`,
  ]);
}
