/**
 * An in-process limiter for documented quotas such as 50 a second, 500 a minute and 2000 in 30 minutes.
 *
 * A window slides: in no span of its length do more calls pass than its quota, wherever the span begins, so what a
 * caller sees does not depend on where the clock's seconds and minutes begin. That takes the time of each call that
 * passed, one list for all windows, and one look into it per window. The list is as long as the largest quota, twice
 * at most: 32 kB for a caller who uses all of 2000.
 *
 * Quotas too large to remember every call of are counted in windows aligned to the epoch instead, where up to twice the
 * quota can pass in a span across a border. These quotas protect capacity; guessing of secrets is throttled elsewhere,
 * exactly and in the database.
 */

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
  /** When calls passed, in epoch milliseconds, newest last. */
  times: number[];
  /** Per large window its number since the epoch, and the calls counted in it. */
  readonly windowNumbers: number[];
  readonly counts: number[];
}

/** @throws TypeError for no window, or a limit or length that is not a whole number above zero. */
export function createRateLimiter({ windows, now, maximumKeys = 100_000 }: RateLimiterOptions): RateLimiter {
  const isUsable = (n: number) => Number.isSafeInteger(n) && n > 0;
  if (windows.length === 0 || !windows.every((w) => isUsable(w.limit) && isUsable(w.seconds))) {
    throw new TypeError("a rate limit needs windows of whole seconds and calls");
  }
  const spans = windows.map(({ limit, seconds }): Span => ({ limit, length: seconds * 1000 }));
  const sliding = spans.filter(({ limit }) => limit <= MOST_REMEMBERED);
  const aligned = spans.filter(({ limit }) => limit > MOST_REMEMBERED);
  const remembered = Math.max(0, ...sliding.map(({ limit }) => limit));
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
      times: [],
      windowNumbers: aligned.map(() => -1),
      counts: aligned.map(() => 0),
    };
    if (young.size >= keysPerGeneration) changeGenerations(at);
    old.delete(key);
    young.set(key, usage);
    return usage;
  }

  /** Milliseconds until this window has room; 0 when it has. */
  function slidingWait({ times }: Usage, { limit, length }: Span, at: number): number {
    const oldest = times[times.length - limit];
    if (oldest === undefined) return 0;
    // A clock set back a little must not hand out a fresh quota (S-113); one set back a lot must not block.
    const counts = oldest > at - length && oldest < at + length;
    return counts ? oldest + length - at : 0;
  }

  function alignedWait({ windowNumbers, counts }: Usage, index: number, { limit, length }: Span, at: number): number {
    const number = Math.floor(at / length);
    const last = windowNumbers[index] ?? -1;
    if (number !== last && number !== last - 1) {
      windowNumbers[index] = number;
      counts[index] = 0;
    }
    return (counts[index] ?? 0) >= limit ? ((windowNumbers[index] ?? 0) + 1) * length - at : 0;
  }

  function count(usage: Usage, at: number): void {
    const { counts } = usage;
    for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] ?? 0) + 1;
    if (remembered === 0) return;
    usage.times.push(at);
    if (usage.times.length >= 2 * remembered) usage.times = usage.times.slice(-remembered);
  }

  return {
    take(key) {
      const at = now();
      const usage = usageOf(key, at);
      let wait = 0;
      for (const span of sliding) wait = Math.max(wait, slidingWait(usage, span, at));
      for (const [index, span] of aligned.entries()) wait = Math.max(wait, alignedWait(usage, index, span, at));
      if (wait > 0) return Math.ceil(wait / 1000);
      count(usage, at);
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
