import { istSecondOfDay, nextIstTime } from "../ist-clock.ts";

/** 03:30 IST: every Upstox access token dies then. */
const TOKEN_CUT_OFF = 3 * 3600 + 30 * 60;
/** 05:30 IST: the funds service opens; it closes at midnight IST. */
const FUNDS_OPEN = 5 * 3600 + 30 * 60;

/**
 * Expiry of an access token, and of a pending token request: the next 03:30 IST strictly after issue.
 * @param issuedAt epoch seconds (a fraction is cut off)
 * @returns epoch seconds
 * @see protocol/upstox.md 3.5
 */
export function upstoxTokenExpiry(issuedAt: number): number {
  return nextIstTime(issuedAt, TOKEN_CUT_OFF);
}

/** Whether the funds service answers: 05:30 (inclusive) to 24:00 IST, daily. @see protocol/upstox.md 7.3 */
export function isUpstoxFundsOpen(epochSeconds: number): boolean {
  return istSecondOfDay(epochSeconds) >= FUNDS_OPEN;
}

/** The next 05:30 IST, in epoch seconds: when a call answered 423 is worth repeating. */
export function nextUpstoxFundsOpening(epochSeconds: number): number {
  return nextIstTime(epochSeconds, FUNDS_OPEN);
}
