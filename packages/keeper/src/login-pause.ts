/**
 * When a login without a person may be tried again. Fifty processes must not try a refused password fifty times: the
 * broker blocks the account in the end (protocol/tradejini.md 5).
 */
import type { KeeperErrorCode } from "./keeper-error.ts";
import type { SessionRecord } from "./session-record.ts";

/** Seconds after a failure for a passing reason. */
const PAUSE = 60;

/**
 * What is noted when a login is sent, until its answer is there: a process that is killed in between must not send
 * another one at once when it is started again, and again.
 */
export const UNFINISHED = "UNFINISHED";

/** Failures that another try would only repeat. */
const FINAL: readonly string[] = ["LOGIN_FAILED", "LOGIN_DENIED", "WRONG_USER", "USAGE"] satisfies KeeperErrorCode[];

/** @param now epoch seconds by this machine's clock @returns the same; `Infinity` until somebody looks */
export function pausedUntil({ failure }: SessionRecord, now: number): number {
  if (failure === undefined) return Number.NEGATIVE_INFINITY;
  if (FINAL.includes(failure.code)) return Number.POSITIVE_INFINITY;
  // Noted by a clock that was ahead: until this one got there, nobody would be logged in.
  return failure.at > now + PAUSE ? Number.NEGATIVE_INFINITY : failure.at + PAUSE;
}
