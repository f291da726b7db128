/**
 * An in-process limiter for documented quotas such as 50 a second, 500 a minute and 2000 in 30 minutes.
 *
 * Windows are fixed and aligned to the epoch: the minute is the minute of the clock. A quota of "500 per minute" then
 * holds exactly in every clock minute, which is what a caller can check against its own log, the wait is known to the
 * millisecond, and a call costs one comparison and one addition per window. The price: across the border of two
 * windows a caller can pass up to twice the quota in an unaligned span of one window. A sliding window would avoid that
 * with a timestamp per call, or with an estimate that sometimes refuses a caller who kept to the quota. These quotas
 * protect capacity; guessing of secrets is throttled elsewhere, exactly and in the database.
 */

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
  /** Keys remembered at the moment, at most `maximumKeys`. */
  readonly size: number;
}

/** What one key has used: per window its number since the epoch, and the calls counted in it. */
interface Usage {
  readonly windowNumbers: number[];
  readonly counts: number[];
}

/** @throws TypeError for no window, or a limit or length that is not a whole number above zero. */
export function createRateLimiter({ windows, now, maximumKeys = 100_000 }: RateLimiterOptions): RateLimiter {
  const isUsable = (n: number) => Number.isSafeInteger(n) && n > 0;
  if (windows.length === 0 || !windows.every((w) => isUsable(w.limit) && isUsable(w.seconds))) {
    throw new TypeError("a rate limit needs windows of whole seconds and calls");
  }
  const limits = windows.map((w) => w.limit);
  const lengths = windows.map((w) => w.seconds * 1000);
  const longest = Math.max(...lengths);
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
    const usage = old.get(key) ?? { windowNumbers: lengths.map(() => -1), counts: lengths.map(() => 0) };
    if (young.size >= keysPerGeneration) changeGenerations(at);
    old.delete(key);
    young.set(key, usage);
    return usage;
  }

  return {
    take(key) {
      const at = now();
      const { windowNumbers, counts } = usageOf(key, at);
      let wait = 0;
      for (let i = 0; i < limits.length; i++) {
        const length = lengths[i] ?? 0;
        const number = Math.floor(at / length);
        const last = windowNumbers[i] ?? -1;
        // A clock set back a little must not hand out a fresh quota (S-113); one set back a lot must not block.
        if (number !== last && number !== last - 1) {
          windowNumbers[i] = number;
          counts[i] = 0;
        }
        if ((counts[i] ?? 0) >= (limits[i] ?? 0)) {
          wait = Math.max(wait, ((windowNumbers[i] ?? 0) + 1) * length - at);
        }
      }
      if (wait > 0) return Math.ceil(wait / 1000);
      for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] ?? 0) + 1;
      return 0;
    },
    get size() {
      return young.size + old.size;
    },
  };
}
