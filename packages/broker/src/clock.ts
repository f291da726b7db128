/**
 * The only place that reads the time. Everything else is handed a `Clock`, so that tests can move it.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock further behind the time it has shown than this is wrong: nothing may be issued by it (S-114). */
export const MOST_BEHIND_MS = 60_000;

export interface ForwardClockOptions {
  readonly base?: Clock;
  /** The latest time known to have passed, from before this process began: epoch milliseconds. */
  readonly mark: number;
  /** Milliseconds that nobody can set. */
  readonly monotonic?: () => number;
}

/**
 * A clock that never goes back, so that setting the system's clock back revives no code, one-time code or token
 * (S-114). When the base falls behind, this clock runs on from what it has shown: at half speed for a small
 * correction, so that the two meet again; at full speed when the base is plainly wrong.
 */
export class ForwardClock implements Clock {
  readonly #base: Clock;
  readonly #monotonic: () => number;
  #shown: number;
  #looked: number;

  constructor({ base = systemClock, mark, monotonic = () => performance.now() }: ForwardClockOptions) {
    this.#base = base;
    this.#monotonic = monotonic;
    this.#shown = mark;
    this.#looked = monotonic();
  }

  now(): number {
    const time = this.#base.now();
    const looked = this.#monotonic();
    if (time >= this.#shown) this.#shown = time;
    else this.#shown += (looked - this.#looked) * (this.#shown - time > MOST_BEHIND_MS ? 1 : 0.5);
    this.#looked = looked;
    return Math.floor(this.#shown);
  }

  /** How far the base is behind this clock, in milliseconds; 0 when all is well. */
  behind(): number {
    return Math.max(0, this.now() - this.#base.now());
  }

  /** Learns of a later time, such as another process on the same database has seen. */
  raise(mark: number): void {
    if (mark > this.#shown) this.#shown = mark;
  }
}

/**
 * A clock that can be moved: for tests and `serve --control`. It keeps to whole milliseconds, as the system's does: row
 * keys and stored times are made of them.
 */
export class SettableClock implements Clock {
  #base: Clock;
  #offset = 0;
  #fixed: number | undefined;
  readonly #listeners = new Set<() => void>();

  /** Runs on top of `base` until `set()` fixes it. */
  constructor(base: Clock = systemClock) {
    this.#base = base;
  }

  now(): number {
    return this.#fixed ?? this.#base.now() + this.#offset;
  }

  /** Puts the clock at an instant; it runs on from there. @param epochMs milliseconds since the epoch */
  set(epochMs: number): void {
    this.#fixed = undefined;
    this.#offset = Math.round(epochMs) - this.#base.now();
    this.#tell();
  }

  /** Stops the clock at an instant until it is moved again. */
  freeze(epochMs: number = this.now()): void {
    this.#fixed = Math.round(epochMs);
    this.#tell();
  }

  advance(seconds: number): void {
    const milliseconds = Math.round(seconds * 1000);
    if (this.#fixed === undefined) this.#offset += milliseconds;
    else this.#fixed += milliseconds;
    this.#tell();
  }

  /** Back to the base clock. */
  reset(): void {
    this.#fixed = undefined;
    this.#offset = 0;
    this.#tell();
  }

  /** Calls `listener` after every jump, so that jobs which wait for a moment can look again. */
  onJump(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
