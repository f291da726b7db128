/**
 * When a login without a person may be tried again. Fifty processes must not try a refused password fifty times: the
 * broker blocks the account in the end (protocol/tradejini.md 5).
 */
import type { KeeperErrorCode } from "./keeper-error.ts";
import type { SessionRecord } from "./session-record.ts";

/** Seconds after a failure for a passing reason. */
const PAUSE = 60;

/** Failures that another try would only repeat. */
const FINAL: readonly string[] = ["LOGIN_FAILED", "LOGIN_DENIED", "WRONG_USER", "USAGE"] satisfies KeeperErrorCode[];

/** @returns epoch seconds by this machine's clock; `Infinity` until somebody looks */
export function pausedUntil({ failure }: SessionRecord): number {
  if (failure === undefined) return Number.NEGATIVE_INFINITY;
  return FINAL.includes(failure.code) ? Number.POSITIVE_INFINITY : failure.at + PAUSE;
}
