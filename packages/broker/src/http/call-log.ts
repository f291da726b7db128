/** Offsets count from this long before the first call, in milliseconds, so that a clock set back a little stays above zero. */
const MARGIN_MS = 2 ** 30;
const LARGEST_OFFSET = 2 ** 32 - 1;
const FIRST_SIZE = 8;

/**
 * When the latest calls of one key were, exactly. Times are kept as milliseconds since a base of their own in a ring that
 * grows with its use: four bytes a call, 8 kB for somebody who uses all of 2000.
 */
export class CallLog {
  readonly #most: number;
  #offsets = new Uint32Array(FIRST_SIZE);
  #base = 0;
  /** Place of the oldest call. */
  #first = 0;
  #count = 0;

  /** @param most calls that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that the times take up. */
  get byteLength(): number {
    return this.#offsets.byteLength;
  }

  /**
   * How long until a call would pass a window that slides, in milliseconds; 0 when it has room.
   * @param at epoch milliseconds
   * @param limit calls that pass in `length` milliseconds; at most the number remembered
   */
  wait(at: number, limit: number, length: number): number {
    if (this.#count < limit) return 0;
    const offset = this.#offsets[(this.#first + this.#count - limit) % this.#offsets.length] ?? 0;
    const oldest = this.#base + offset;
    // A clock set back a little must not hand out a fresh quota (S-113); one set back a lot must not block.
    return oldest > at - length && oldest < at + length ? oldest + length - at : 0;
  }

  add(at: number): void {
    if (this.#count === 0 || at < this.#base) this.#begin(at);
    else if (at - this.#base > LARGEST_OFFSET) this.#moveBase(at - MARGIN_MS);
    if (this.#count === this.#most) this.#dropOldest();
    if (this.#count === this.#offsets.length) this.#grow();
    this.#offsets[(this.#first + this.#count) % this.#offsets.length] = at - this.#base;
    this.#count += 1;
  }

  /** A clock set back by weeks: what is remembered is no window's any more. */
  #begin(at: number): void {
    this.#base = at - MARGIN_MS;
    this.#first = 0;
    this.#count = 0;
  }

  /** Somebody who called for weeks without a pause: the latest calls count on. Those before the new base are long over. */
  #moveBase(base: number): void {
    const by = base - this.#base;
    for (let n = 0; n < this.#count; n++) {
      const place = (this.#first + n) % this.#offsets.length;
      this.#offsets[place] = Math.max(0, (this.#offsets[place] ?? 0) - by);
    }
    this.#base = base;
  }

  #dropOldest(): void {
    this.#first = (this.#first + 1) % this.#offsets.length;
    this.#count -= 1;
  }

  #grow(): void {
    const larger = new Uint32Array(Math.min(2 * this.#count, Math.max(this.#most, FIRST_SIZE)));
    const tail = this.#offsets.subarray(this.#first);
    larger.set(tail);
    larger.set(this.#offsets.subarray(0, this.#first), tail.length);
    this.#offsets = larger;
    this.#first = 0;
  }
}
