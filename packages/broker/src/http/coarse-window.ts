/** Moments told apart in one window: what bounds the memory of a key. */
const MOMENTS = 128;
/** Forgotten moments that may pile up before the lists are cut. */
const SLACK = 64;

/**
 * The calls of one key in a window that slides, for quotas too large to remember every call of (call-log.ts does that):
 * in no span of its length do more than `limit` pass, wherever the span begins. Calls that lie within a 128th of the
 * window count as made at the latest of them, so somebody who used the quota up may wait that much longer than needed.
 */
export class CoarseWindow {
  readonly #limit: number;
  /** Milliseconds. */
  readonly #length: number;
  /** Calls closer than this, in milliseconds, are one moment. */
  readonly #grain: number;
  /** When the last call of each moment was, oldest first, and how many there were; the first `#gone` have left the window. */
  #ends: number[] = [];
  #counts: number[] = [];
  #gone = 0;
  /** When the newest moment began. */
  #begun = Number.NEGATIVE_INFINITY;
  #total = 0;

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#length = lengthMs;
    this.#grain = lengthMs / MOMENTS;
  }

  /** Moments it remembers, those included that it will forget next. */
  get size(): number {
    return this.#ends.length;
  }

  /** Milliseconds until a call would pass; 0 when one does. @param at epoch milliseconds */
  wait(at: number): number {
    this.#forget(at);
    return this.#total < this.#limit ? 0 : (this.#ends[this.#gone] ?? at) + this.#length - at;
  }

  /** Counts a call that passed. */
  add(at: number): void {
    this.#total += 1;
    const newest = this.#ends.length - 1;
    // Also when the clock was set back a little: the later time stands (S-113).
    if (newest >= this.#gone && at - this.#begun <= this.#grain) {
      this.#ends[newest] = Math.max(this.#ends[newest] ?? at, at);
      this.#counts[newest] = (this.#counts[newest] ?? 0) + 1;
      return;
    }
    this.#begun = at;
    this.#ends.push(at);
    this.#counts.push(1);
  }

  #forget(at: number): void {
    // A clock that was set back by more than the window must not block (S-113).
    if ((this.#ends.at(-1) ?? at) >= at + this.#length) this.#clear();
    const limit = at - this.#length;
    while (this.#gone < this.#ends.length && (this.#ends[this.#gone] ?? 0) <= limit) {
      this.#total -= this.#counts[this.#gone] ?? 0;
      this.#gone += 1;
    }
    if (this.#gone === this.#ends.length) this.#clear();
    else if (this.#gone >= SLACK) {
      this.#ends = this.#ends.slice(this.#gone);
      this.#counts = this.#counts.slice(this.#gone);
      this.#gone = 0;
    }
  }

  #clear(): void {
    if (this.#ends.length === 0) return;
    this.#ends = [];
    this.#counts = [];
    this.#gone = 0;
    this.#total = 0;
  }
}
