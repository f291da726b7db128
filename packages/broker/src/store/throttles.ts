import { execute, selectOne, under, type Verb } from "./verb.ts";

/** How a key stands; opaque to callers, who only hand it back to `takeBack()`. */
export interface ThrottleRow {
  readonly count: number;
  readonly window_start: number;
  readonly blocked_until: number;
}

export type ThrottleVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAt: number };

const ALLOWED: ThrottleVerdict = { allowed: true };

/** At most `limit` in a window of `windowMs`, counted from the first. */
export interface Quota {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Takes one from a quota, or says when the window ends. Counted before the work it guards (S-47), by one statement whose
 * row count decides: tries that race cannot outrun the limit.
 */
export function* takeFromQuota(key: string, quota: Quota, now: number): Verb<ThrottleVerdict> {
  const { limit, windowMs } = quota;
  const running = [windowMs, now + CLOCKS_APART_MS];
  const given = [key, now, now + windowMs, ...running, ...running, ...running, ...running, limit];
  const taken = yield* execute(TAKE_FROM_QUOTA, ...given);
  if (taken === 1) return ALLOWED;
  const row = yield* loadThrottle(key);
  return { allowed: false, retryAt: (row?.window_start ?? now) + windowMs };
}

/**
 * How far the clocks of two processes may be apart, as a clock may be behind (S-114). A try that comes from a slower
 * clock than the one before it counts like any other; only what lies further ahead was left by a clock that was set back.
 */
const CLOCKS_APART_MS = 60_000;

/** While a window runs its count rises, up to the limit; one that is over begins anew. */
const TAKE_FROM_QUOTA = `INSERT INTO throttles (throttle_key, count, window_start, blocked_until, expires_at)
  VALUES (?, 1, ?, 0, ?) ON CONFLICT (throttle_key) DO UPDATE SET
    count = CASE WHEN excluded.window_start - throttles.window_start < ? AND throttles.window_start <= ?
      THEN throttles.count + 1 ELSE 1 END,
    window_start = CASE WHEN excluded.window_start - throttles.window_start < ? AND throttles.window_start <= ?
      THEN throttles.window_start ELSE excluded.window_start END,
    expires_at = CASE WHEN excluded.window_start - throttles.window_start < ? AND throttles.window_start <= ?
      THEN throttles.expires_at ELSE excluded.expires_at END,
    blocked_until = 0
  WHERE NOT (excluded.window_start - throttles.window_start < ? AND throttles.window_start <= ?)
    OR throttles.count < ?`;

/** Whether what was counted from then on still counts. */
function isRunning(start: number, lengthMs: number, now: number): boolean {
  return now - start < lengthMs && start <= now + CLOCKS_APART_MS;
}

/** Whether a quota has room, without taking from it. */
export function* peekQuota(key: string, quota: Quota, now: number): Verb<ThrottleVerdict> {
  return judgeQuota(yield* loadThrottle(key), quota, now);
}

/** The same, of a row that was read along with others. */
export function judgeQuota(
  row: Pick<ThrottleRow, "count" | "window_start"> | undefined,
  quota: Quota,
  now: number,
): ThrottleVerdict {
  if (!row || !isRunning(row.window_start, quota.windowMs, now) || row.count < quota.limit) return ALLOWED;
  return { allowed: false, retryAt: row.window_start + quota.windowMs };
}

/** Wrong tries: `free` of them cost nothing, then each doubles the wait (S-49). */
export interface StrikeRule {
  readonly free: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** A quiet time after which the count is forgotten. */
  readonly forgetAfterMs: number;
}

export type StrikeVerdict =
  /** `before` is how the key stood before this try; for `takeBack()`. */
  | { readonly allowed: true; readonly before: ThrottleRow | undefined }
  | { readonly allowed: false; readonly standing: ThrottleRow };

/** Counts a try before it is evaluated; refused while a wait runs. Tries at one key wait for each other (S-47). */
export function* strike(key: string, rule: StrikeRule, now: number): Verb<StrikeVerdict> {
  const row = yield* selectOne<ThrottleRow>(under(strikes(key), LOAD), key);
  const fresh = !row || !isRunning(row.window_start, rule.forgetAfterMs, now);
  if (!fresh && now < row.blocked_until) return { allowed: false, standing: row };
  const count = (fresh ? 0 : row.count) + 1;
  const over = count - rule.free;
  const wait = over >= 0 ? Math.min(rule.firstDelayMs * 2 ** Math.min(over, 30), rule.maxDelayMs) : 0;
  const start = fresh ? now : Math.max(now, row.window_start);
  const next = { count, window_start: start, blocked_until: wait === 0 ? 0 : now + wait };
  yield* saveThrottle(key, next, now + Math.max(rule.forgetAfterMs, wait));
  return { allowed: true, before: row };
}

/** Undoes one strike in the transaction that counted it: the try was right, the ones before it stay counted. */
export function* takeBack(key: string, before: ThrottleRow | undefined, rule: StrikeRule): Verb<void> {
  if (!before) return yield* forgive(key);
  const until = Math.max(before.window_start + rule.forgetAfterMs, before.blocked_until);
  yield* saveThrottle(key, before, until);
}

/** Takes one strike back in a later transaction than the one that counted it; what others did meanwhile stays. */
export function* withdrawStrike(key: string): Verb<void> {
  yield* execute(
    under(strikes(key), "UPDATE throttles SET count = count - 1 WHERE throttle_key = ? AND count > 0"),
    key,
  );
}

/** Remembers a key for a while. */
export function* remember(key: string, lifetimeMs: number, now: number): Verb<void> {
  yield* saveThrottle(key, { count: 1, window_start: now, blocked_until: 0 }, now + lifetimeMs);
}

/** Whether a key is still remembered. */
export function* isRemembered(key: string, lifetimeMs: number, now: number): Verb<boolean> {
  const row = yield* loadThrottle(key);
  return row !== undefined && now - row.window_start < lifetimeMs;
}

/** Forgets the strikes of a key. */
export function* forgive(key: string): Verb<void> {
  yield* execute(under(strikes(key), "DELETE FROM throttles WHERE throttle_key = ?"), key);
}

/** What tries at a key are counted under. */
function strikes(key: string): string {
  return `strikes ${key}`;
}

const LOAD = "SELECT count, window_start, blocked_until FROM throttles WHERE throttle_key = ?";

function* loadThrottle(key: string): Verb<ThrottleRow | undefined> {
  return yield* selectOne<ThrottleRow>(LOAD, key);
}

function* saveThrottle(key: string, row: ThrottleRow, expiresAt: number): Verb<void> {
  yield* execute(
    `INSERT INTO throttles (throttle_key, count, window_start, blocked_until, expires_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (throttle_key) DO UPDATE SET count = excluded.count, window_start = excluded.window_start,
       blocked_until = excluded.blocked_until, expires_at = excluded.expires_at`,
    key,
    row.count,
    row.window_start,
    row.blocked_until,
    expiresAt,
  );
}
