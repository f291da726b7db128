/**
 * An in-process limiter for documented quotas such as 50 a second, 500 a minute and 2000 in 30 minutes.
 *
 * A window slides: in no span of its length do more calls pass than its quota, wherever the span begins, so what a
 * caller sees does not depend on where the clock's seconds and minutes begin. That takes the time of each call that
 * passed, in one log for all windows as long as the largest quota: 8 kB for a caller who uses all of 2000. Larger quotas
 * are counted more coarsely. They all protect capacity; guessing of secrets is throttled elsewhere, in the database.
 */
import { CallLog } from "./call-log.ts";
import { CoarseWindow } from "./coarse-window.ts";

/** Largest quota whose calls are remembered one by one. */
const MOST_REMEMBERED = 2_000;

export interface RateWindow {
  /** Calls that pass in one window. */
  readonly limit: number;
  readonly seconds: number;
}

export interface RateLimiterOptions {
  readonly windows: readonly RateWindow[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Most keys remembered (S-127). Beyond it the longest idle are forgotten, and start again from zero. */
  readonly maximumKeys?: number;
}

export interface RateLimiter {
  /**
   * Counts one call of `key`, if every window has room; a refused call is counted in none.
   * @returns 0 when the call passes, else the whole seconds, at least 1, after which one would pass.
   */
  take(key: string): number;
  /** Forgets every call. */
  forget(): void;
  /** Keys remembered at the moment, at most `maximumKeys`. */
  readonly size: number;
}

interface Span {
  readonly limit: number;
  /** Milliseconds. */
  readonly length: number;
}

/** What one key has used. */
interface Usage {
  readonly log: CallLog;
  readonly coarse: readonly CoarseWindow[];
}

/** @throws TypeError for no window, or a limit or length that is not a whole number above zero. */
export function createRateLimiter({ windows, now, maximumKeys = 100_000 }: RateLimiterOptions): RateLimiter {
  const isUsable = (n: number) => Number.isSafeInteger(n) && n > 0;
  if (windows.length === 0 || !windows.every((w) => isUsable(w.limit) && isUsable(w.seconds))) {
    throw new TypeError("a rate limit needs windows of whole seconds and calls");
  }
  const spans = windows.map(({ limit, seconds }): Span => ({ limit, length: seconds * 1000 }));
  const exact = spans.filter(({ limit }) => limit <= MOST_REMEMBERED);
  const coarse = spans.filter(({ limit }) => limit > MOST_REMEMBERED);
  const remembered = Math.max(0, ...exact.map(({ limit }) => limit));
  const longest = Math.max(...spans.map(({ length }) => length));
  const keysPerGeneration = Math.max(1, Math.floor(maximumKeys / 2));

  // Two generations instead of timers: a key that is used moves to the young one, the old one is dropped whole.
  // They change places once per longest window at most, so a key is dropped only when all its windows have ended.
  let young = new Map<string, Usage>();
  let old = new Map<string, Usage>();
  let changedAt = now();

  function changeGenerations(at: number): void {
    old = young;
    young = new Map();
    changedAt = at;
  }

  function usageOf(key: string, at: number): Usage {
    if (Math.abs(at - changedAt) >= longest) changeGenerations(at);
    const known = young.get(key);
    if (known !== undefined) return known;
    const usage = old.get(key) ?? {
      log: new CallLog(remembered),
      coarse: coarse.map(({ limit, length }) => new CoarseWindow(limit, length)),
    };
    if (young.size >= keysPerGeneration) changeGenerations(at);
    old.delete(key);
    young.set(key, usage);
    return usage;
  }

  return {
    take(key) {
      const at = now();
      const usage = usageOf(key, at);
      let wait = 0;
      for (const { limit, length } of exact) wait = Math.max(wait, usage.log.wait(at, limit, length));
      for (const window of usage.coarse) wait = Math.max(wait, window.wait(at));
      if (wait > 0) return Math.ceil(wait / 1000);
      if (remembered > 0) usage.log.add(at);
      for (const window of usage.coarse) window.add(at);
      return 0;
    },
    forget() {
      young.clear();
      old.clear();
    },
    get size() {
      return young.size + old.size;
    },
  };
}
