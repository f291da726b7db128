/**
 * What the keeper says about its work to whoever asks for it: the fields of this type and no others. Tokens, codes,
 * URLs, bodies and the broker's user ids have no field (S-96).
 */
import type { AccountId, LoginWay } from "./account.ts";

export interface KeeperLogEntry extends AccountId {
  readonly event:
    | "login-started"
    | "login-finished"
    | "login-failed"
    | "login-required"
    | "token-refused"
    | "clock-corrected"
    | "logged-out";
  readonly way?: LoginWay;
  readonly durationMs?: number;
  /** A KeeperError's code, or the class of another error. */
  readonly code?: string;
  /** Seconds the broker's clock is ahead. */
  readonly clockOffset?: number;
}

/** @defaultValue nothing is logged */
export type KeeperLog = (entry: KeeperLogEntry) => void;

/** What may be logged about an error. Messages of foreign errors may hold anything. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "string" ? code : error.name;
}
