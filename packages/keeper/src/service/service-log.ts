/**
 * The service's log: one line of JSON each. What may stand in a line is named here, field by field; URLs, queries,
 * headers and bodies carry tokens and are never logged (S-96).
 */
import type { KeeperErrorCode } from "../keeper-error.ts";

export interface LogFields {
  readonly requestId?: string;
  /** The pattern of the route, not the path. */
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly durationMs?: number;
  /** `socket` or `loopback`. */
  readonly door?: string;
  /** `upstox/default`: the owner's own name, never the broker's user id. */
  readonly account?: string;
  readonly way?: string;
  readonly startedBy?: string;
  /** A KeeperError's code, or the code of a system error. */
  readonly code?: KeeperErrorCode | string;
  /** Name of an error class. */
  readonly error?: string;
  readonly event?: string;
  readonly place?: string;
  readonly count?: number;
}

export type LogLevel = "info" | "warn" | "error";

export interface ServiceLog {
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
}

const LONGEST_VALUE = 200;
// Controls, with the C1 range that JSON leaves as it is and some terminals obey; lone surrogates; marks that turn text.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text fit for a log or a notification: short, and nothing in it that a terminal would obey (S-97). */
export function plainText(text: string, longest = LONGEST_VALUE): string {
  const isLong = text.length > longest;
  const cut = (isLong ? text.slice(0, longest) : text).replaceAll(UNPRINTABLE, "\ufffd");
  return isLong ? `${cut}...(${text.length})` : cut;
}

/** @param write takes one line, its end included */
export function createServiceLog(write: (line: string) => void, now: () => number): ServiceLog {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      const values = Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === "string" ? plainText(value) : value,
      ]);
      const time = new Date(now()).toISOString();
      write(`${JSON.stringify({ time, level, message: plainText(message), ...Object.fromEntries(values) })}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** What may be logged about an error: its class and its code. Messages of foreign errors may hold anything. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code: unknown = Reflect.get(error, "code");
  return { error: error.name, ...(typeof code === "string" ? { code } : {}) };
}
