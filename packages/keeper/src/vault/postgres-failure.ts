/**
 * What went wrong with a team's database, in words for whoever set it up.
 */
import { KeeperError } from "../keeper-error.ts";
import { BROKEN_OFF, errorCode } from "./vault-failure.ts";

interface Words {
  /** After "the vault postgres://… ". */
  readonly what: string;
  readonly nextStep: string;
}

const URL_IS = "the vault's postgres:// URL";

const NO_ENTRY: Words = {
  what: "does not let this user in: the name or the password is wrong, or there is none",
  nextStep: `Correct them in ${URL_IS}; special characters are written like %40.`,
};

/** By SQLSTATE (PostgreSQL, appendix A). */
const SERVER_SAID: Readonly<Record<string, Words>> = {
  "3D000": {
    what: "names a database that does not exist",
    nextStep: `Create it (createdb, or CREATE DATABASE), or correct the end of ${URL_IS}.`,
  },
  "3F000": {
    what: "names no schema that exists",
    nextStep: "Create the schema, or correct the user's search_path.",
  },
  "28P01": NO_ENTRY,
  "28000": {
    what: "does not let this user in from here",
    nextStep: `Look for the user (CREATE ROLE … LOGIN) and at the server's pg_hba.conf, or correct ${URL_IS}.`,
  },
  "42501": {
    what: "does not give this user the rights it needs",
    nextStep:
      "Let the user make the table kunji_vault in its schema (GRANT USAGE, CREATE ON SCHEMA …), or read and write the one that is there.",
  },
  "25006": {
    what: "is read-only",
    nextStep: `It may be a standby: name the primary server in ${URL_IS}.`,
  },
  "53100": { what: "has no room left on its disk", nextStep: "Make room there; nothing that was stored is lost." },
  "53300": {
    what: "has no connection left",
    nextStep: "Every process of Kunji takes one: raise the server's max_connections, or end what you do not need.",
  },
  "57P03": { what: "is starting or stopping", nextStep: "Try again in a moment." },
};

const NOBODY_THERE: Words = {
  what: "could not be reached",
  nextStep: `Look whether the database runs, at host and port in ${URL_IS}, and at the network between.`,
};
const NOT_TRUSTED: Words = {
  what: "shows a certificate that is not trusted",
  nextStep: `Name the file of its authority in ${URL_IS}: ?sslmode=verify-full&sslrootcert=/path/ca.pem`,
};
const NO_TLS: Words = {
  what: "takes no encrypted connections",
  nextStep: `Switch TLS on at the server, or take sslmode out of ${URL_IS} where the way there is safe.`,
};

/** Codes of Node's TLS for a certificate that does not hold. */
const CERTIFICATE = /CERT|UNABLE_TO_VERIFY|^HOSTNAME_MISMATCH$/;
/** SQLSTATEs that another attempt may cure: connection trouble, too many connections, starting up, shutting down. */
const PASSING = /^(?:08|53300|57P0)/;

/** A connection broke, and with it what belonged to it. Another may be had. */
export class ConnectionLost extends KeeperError {
  constructor(place: string) {
    super("VAULT_UNAVAILABLE", `the connection to the vault ${place} was lost`, { nextStep: BROKEN_OFF });
  }
}

/** A KeeperError as it is; anything else as `VAULT_UNAVAILABLE`. @param place without a password */
export function postgresFailure(error: unknown, place: string): KeeperError {
  if (error instanceof KeeperError) return error;
  // Its own text and code alone: an error of the driver may hold the connection and rows.
  const cause = new Error(error instanceof Error ? error.message : String(error));
  const { what, nextStep } = wordsFor(error);
  const code = sqlState(error) ?? errorCode(error);
  const message = `the vault ${place} ${what}${code === undefined ? "" : ` (${code})`}`;
  return new KeeperError("VAULT_UNAVAILABLE", message, { cause, nextStep });
}

function wordsFor(error: unknown): Words {
  const state = sqlState(error);
  if (state !== undefined) {
    return SERVER_SAID[state] ?? { what: "answered with an error", nextStep: "The database's own log says more." };
  }
  return lastingTrouble(error) ?? NOBODY_THERE;
}

/** What the driver itself found, and would find again. */
function lastingTrouble(error: unknown): Words | undefined {
  if (!(error instanceof Error)) return undefined;
  if (CERTIFICATE.test(errorCode(error) ?? "")) return NOT_TRUSTED;
  if (error.message.startsWith("SASL")) return NO_ENTRY;
  return error.message.includes("does not support SSL") ? NO_TLS : undefined;
}

/** Whether another attempt to connect may go better. */
export function isPassing(error: unknown): boolean {
  if (error instanceof KeeperError) return error instanceof ConnectionLost;
  const state = sqlState(error);
  return state === undefined ? lastingTrouble(error) === undefined : PASSING.test(state);
}

/** Without a word of the server's (a timeout), nothing is known about the connection: it is given up. */
export function endsConnection(error: unknown): boolean {
  return sqlState(error) === undefined || (error instanceof Error && "severity" in error && error.severity === "FATAL");
}

/** @returns undefined for everything that is not the server's own answer */
function sqlState(error: unknown): string | undefined {
  return error instanceof Error && "severity" in error ? errorCode(error) : undefined;
}
