import type { DemoOptions, Settings } from "@kunji/broker";
import { usageError } from "../command-error.ts";

/** The broker, loaded only by the commands that run it. */
export type BrokerModule = typeof import("@kunji/broker");

/** The flags of `kunji serve`, as commander hands them over. */
export interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly database?: string;
  readonly workers: number;
  readonly demo?: boolean;
  readonly customers?: number;
  readonly redirectUri?: string;
  readonly notifierUrl?: string;
  readonly control?: boolean;
  readonly json?: boolean;
}

/** What will run. */
export interface ServePlan {
  readonly port: number;
  readonly host: string;
  /** `sqlite:PATH`, `sqlite::memory:` or `postgres://...`, which may hold a password. */
  readonly database: string;
  readonly settings: Settings;
  readonly demo: DemoOptions | undefined;
  readonly control: boolean;
  /** Processes that answer at the port. */
  readonly workers: number;
}

/**
 * Checks flags and environment together, before anything is opened.
 * @throws CommandError with every problem at once; no value is repeated, some are secret
 */
export function planServe(
  flags: ServeFlags,
  environment: Readonly<Record<string, string | undefined>>,
  broker: BrokerModule,
): ServePlan {
  const problems: string[] = [];
  const settings = readSettings(environment, broker, problems);
  const demo = flags.demo === true;
  // Demo people do not belong into the database of a real broker.
  const database = flags.database ?? (demo ? "sqlite::memory:" : settings?.KUNJI_DATABASE_URL || "sqlite:kunji.db");

  problems.push(...databaseProblems(database, broker), ...workerProblems(flags, database));
  const isLoopback = broker.isLoopbackHost(flags.host) || flags.host === "::1";
  if (flags.control && !isLoopback) problems.push("--control works on this machine only: leave --host at 127.0.0.1.");
  if (settings && !isLoopback && settings.KUNJI_PUBLIC_URL === "") {
    problems.push(
      "--host opens the broker to other machines: set KUNJI_PUBLIC_URL to the https:// address they reach it at. It is the OAuth issuer, and no other Host is answered.",
    );
  }
  if (settings && !demo && settings.KUNJI_MESSAGE_SENDER === "") {
    problems.push(
      "Login codes have no way to travel: set KUNJI_MESSAGE_SENDER to smtp://user:password@host:587?from=..., smtps://... or https://gateway/..., or start with --demo.",
    );
  }
  if (!demo) problems.push(...demoOnlyProblems(flags));
  problems.push(...addressProblems(flags, broker));

  if (problems.length > 0 || !settings) throw usageError(problems);
  return {
    port: flags.port,
    host: flags.host,
    database,
    settings,
    control: flags.control === true,
    workers: flags.workers,
    demo: demo
      ? {
          customers: flags.customers ?? broker.DEMO_DEFAULTS.customers,
          redirectUri: flags.redirectUri ?? broker.DEMO_DEFAULTS.redirectUri,
          notifierUrl: flags.notifierUrl ?? broker.DEMO_DEFAULTS.notifierUrl,
        }
      : undefined,
  };
}

function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  broker: BrokerModule,
  problems: string[],
): Settings | undefined {
  try {
    return broker.readSettings(environment);
  } catch (error) {
    if (!(error instanceof broker.SettingsError)) throw error;
    problems.push(...error.problems.map((problem) => `${problem}.`));
    return undefined;
  }
}

function databaseProblems(database: string, broker: BrokerModule): string[] {
  try {
    broker.requireSupportedDatabase(database);
    return [];
  } catch (error) {
    return [`${(error as Error).message}.`];
  }
}

/** What several processes cannot share. */
function workerProblems({ workers, control }: ServeFlags, database: string): string[] {
  if (workers === 1) return [];
  const problems: string[] = [];
  if (database === "sqlite::memory:") {
    problems.push("--workers need a database they can share: give --database sqlite:PATH or postgres://...");
  }
  if (control) {
    problems.push("--control moves the clock of one process and sees its requests only: leave --workers out.");
  }
  return problems;
}

function demoOnlyProblems(flags: ServeFlags): string[] {
  const given = [
    flags.customers !== undefined && "--customers",
    flags.redirectUri !== undefined && "--redirect-uri",
    flags.notifierUrl !== undefined && "--notifier-url",
  ].filter((name) => name !== false);
  return given.map((name) => `${name} belongs to demo data: add --demo.`);
}

function addressProblems(flags: ServeFlags, broker: BrokerModule): string[] {
  const problems: string[] = [];
  for (const [name, value] of [
    ["--redirect-uri", flags.redirectUri],
    ["--notifier-url", flags.notifierUrl],
  ] as const) {
    const problem = value && broker.checkRedirectUri(value, { native: false, allowLoopbackHttp: true });
    if (problem !== undefined && problem !== "") {
      problems.push(`${name} is no address an app may register (${problem}): use https://, or http:// on 127.0.0.1.`);
    }
    if (value === "") problems.push(`${name} is empty.`);
  }
  return problems;
}

/** Whether a flag holds a password, for every user of the machine to read (S-79). */
export function namesPassword({ database = "" }: Pick<ServeFlags, "database">): boolean {
  return URL.canParse(database) && new URL(database).password !== "";
}
