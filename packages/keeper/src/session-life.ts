/**
 * How long a session lives, by the broker's clock.
 */
import type { Session } from "./account.ts";

/** A token counts as dead this many seconds before its end, so that no call starts with one that dies under way (S-74). */
const SAFETY_MARGIN = 60;

/** Seconds that the broker's clock and this machine's may differ before the difference is kept (S-74). */
const TOLERATED_OFFSET = 5;

/** @param offset seconds the broker's clock is ahead, as measured @returns 0 for what is only noise */
export function keptOffset(offset: number): number {
  return Math.abs(offset) > TOLERATED_OFFSET ? Math.round(offset) : 0;
}

/** The moment from which the session is not handed out any more, epoch seconds by the broker's clock. */
export function usableUntil({ expiresAt }: Session): number {
  return expiresAt - SAFETY_MARGIN;
}

/** Seconds the session can still be used, never less than 0. @param brokerTime epoch seconds by the broker's clock */
export function secondsLeft(session: Session, brokerTime: number): number {
  return Math.max(0, Math.floor(usableUntil(session) - brokerTime));
}
