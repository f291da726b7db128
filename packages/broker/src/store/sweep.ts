import { rowKeyFloor } from "../crypto/row-key.ts";
import { execute, selectAll, selectOne, under, type Verb } from "./verb.ts";

const DAY_MS = 86_400_000;
/** Nothing that is swept by its row key lives longer than this after it was made, but extended tokens. */
const LONGEST_LIFE_MS = 2 * DAY_MS;
/** Extended tokens live a year (protocol/upstox.md 3.5); after this none does, nor any other token. */
const LONGEST_TOKEN_LIFE_MS = 367 * DAY_MS;

/** How far access tokens are removed: the key of the last row that was looked at. */
const SWEPT = "swept tokens";

/**
 * Removes lapsed rows, at most `most` per table, oldest first. Row keys sort by time, so each statement reads only rows
 * that it removes, but for the extended tokens among the others, which are looked at once. Spent codes stay until the token they bought has died (S-14); audit rows stay for good (S-98).
 * @returns the largest number looked at in one table: `most` when there may be more
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
    yield* sweepAccessTokens(before, most),
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
      // Asked again of the row itself: a try that began a new count meanwhile stays counted (S-47).
      `DELETE FROM throttles WHERE throttle_key IN (SELECT throttle_key FROM throttles WHERE expires_at <= ? LIMIT ?)
         AND expires_at <= ?`,
      now,
      most,
      now,
    ),
  ];
  return Math.max(...counts);
}

/**
 * Extended tokens stay in the table a year longer than the access tokens around them, one for each app and account.
 * Beginning at the first row every time would read all of them every time.
 */
function* sweepAccessTokens(before: string, most: number): Verb<number> {
  const swept = yield* selectOne<{ value: string }>("SELECT value FROM facts WHERE name = ?", SWEPT);
  const from = swept?.value ?? "";
  const rows = yield* selectAll<{ token_key: string }>(
    "SELECT token_key FROM tokens WHERE token_key > ? AND token_key < ? ORDER BY token_key LIMIT ?",
    from,
    before,
    most,
  );
  const last = rows.at(-1)?.token_key;
  if (last === undefined) return 0;
  yield* execute("DELETE FROM tokens WHERE token_key > ? AND token_key <= ? AND kind = 'access'", from, last);
  yield* execute(
    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    SWEPT,
    last,
  );
  return rows.length;
}

/** Begins at the oldest token again: where times may come that lie before those that were seen. */
export function* forgetSweep(): Verb<void> {
  yield* execute("DELETE FROM facts WHERE name = ?", SWEPT);
}
