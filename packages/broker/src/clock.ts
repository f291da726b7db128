/**
 * The only place that reads the time. Everything else is handed a `Clock`, so that tests can move it.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved: for tests and `serve --control`. */
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
    this.#offset = epochMs - this.#base.now();
    this.#tell();
  }

  /** Stops the clock at an instant until it is moved again. */
  freeze(epochMs: number = this.now()): void {
    this.#fixed = epochMs;
    this.#tell();
  }

  advance(seconds: number): void {
    if (this.#fixed === undefined) this.#offset += seconds * 1000;
    else this.#fixed += seconds * 1000;
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
