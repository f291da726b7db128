/**
 * An in-process limiter for documented quotas such as 50 a second, 500 a minute and 2000 in 30 minutes. Its windows slide,
 * so what a caller sees does not depend on where the clock's seconds and minutes begin (call-window.ts). A key that uses
 * all of those three costs 5 kB. These quotas protect capacity; guessing of secrets is throttled elsewhere, exactly and in
 * the database.
 */
import { CallWindow } from "./call-window.ts";

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

/** @throws TypeError for no window, or a limit or length that is not a whole number above zero. */
export function createRateLimiter({ windows, now, maximumKeys = 100_000 }: RateLimiterOptions): RateLimiter {
  const isUsable = (n: number) => Number.isSafeInteger(n) && n > 0;
  if (windows.length === 0 || !windows.every((w) => isUsable(w.limit) && isUsable(w.seconds))) {
    throw new TypeError("a rate limit needs windows of whole seconds and calls");
  }
  const longest = Math.max(...windows.map(({ seconds }) => seconds * 1000));
  const keysPerGeneration = Math.max(1, Math.floor(maximumKeys / 2));

  // Two generations instead of timers: a key that is used moves to the young one, the old one is dropped whole.
  // They change places once per longest window at most, so a key is dropped only when all its windows have ended.
  let young = new Map<string, readonly CallWindow[]>();
  let old = new Map<string, readonly CallWindow[]>();
  let changedAt = now();

  function changeGenerations(at: number): void {
    old = young;
    young = new Map();
    changedAt = at;
  }

  function usageOf(key: string, at: number): readonly CallWindow[] {
    if (Math.abs(at - changedAt) >= longest) changeGenerations(at);
    const known = young.get(key);
    if (known !== undefined) return known;
    const usage = old.get(key) ?? windows.map(({ limit, seconds }) => new CallWindow(limit, seconds * 1000));
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
      for (const window of usage) wait = Math.max(wait, window.wait(at));
      if (wait > 0) return Math.ceil(wait / 1000);
      for (const window of usage) window.add(at);
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
