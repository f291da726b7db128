import { rowKeyFloor } from "../crypto/row-key.ts";
import { execute, under, type Verb } from "./verb.ts";

const DAY_MS = 86_400_000;
/** Nothing that is swept by its row key lives longer than this after it was made, but extended tokens. */
const LONGEST_LIFE_MS = 2 * DAY_MS;
/** Extended tokens live a year (protocol/upstox.md 3.5); after this none does, nor any other token. */
const LONGEST_TOKEN_LIFE_MS = 367 * DAY_MS;

/**
 * Removes lapsed rows, at most `most` per table, oldest first. Row keys sort by time, so each statement reads only the
 * rows it removes. Spent codes stay until the token they bought has died (S-14); audit rows stay for good (S-98).
 * @returns the largest number removed from one table
 */
export function* sweepExpired(now: number, most: number): Verb<number> {
  const before = rowKeyFloor(now - LONGEST_LIFE_MS);
  const counts = [
    yield* execute(
      // One process at a time: two that remove the same rows in another order would wait for each other.
      under(
        "sweep",
        "DELETE FROM attempts WHERE attempt_key IN (SELECT attempt_key FROM attempts WHERE attempt_key < ? LIMIT ?)",
      ),
      rowKeyFloor(now - DAY_MS),
      most,
    ),
    yield* execute(
      "DELETE FROM baskets WHERE basket_key IN (SELECT basket_key FROM baskets WHERE basket_key < ? LIMIT ?)",
      before,
      most,
    ),
    yield* execute(
      "DELETE FROM codes WHERE code_key IN (SELECT code_key FROM codes WHERE code_key < ? LIMIT ?)",
      before,
      most,
    ),
    yield* execute(
      `DELETE FROM tokens WHERE token_key IN
         (SELECT token_key FROM tokens WHERE token_key < ? AND kind = 'access' LIMIT ?)`,
      before,
      most,
    ),
    yield* execute(
      "DELETE FROM tokens WHERE token_key IN (SELECT token_key FROM tokens WHERE token_key < ? LIMIT ?)",
      rowKeyFloor(now - LONGEST_TOKEN_LIFE_MS),
      most,
    ),
    yield* execute(
      `DELETE FROM browser_sessions WHERE session_key IN
         (SELECT session_key FROM browser_sessions WHERE session_key < ? LIMIT ?)`,
      before,
      most,
    ),
    yield* execute(
      `DELETE FROM token_requests WHERE request_key IN
         (SELECT request_key FROM token_requests WHERE request_key < ? LIMIT ?)`,
      before,
      most,
    ),
    yield* execute(
      "DELETE FROM outbox WHERE delivery_key IN (SELECT delivery_key FROM outbox WHERE delivery_key < ? LIMIT ?)",
      before,
      most,
    ),
    yield* execute(
      "DELETE FROM throttles WHERE throttle_key IN (SELECT throttle_key FROM throttles WHERE expires_at <= ? LIMIT ?)",
      now,
      most,
    ),
  ];
  return Math.max(...counts);
}
