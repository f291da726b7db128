import type { SetTimer } from "../../src/login/timer.ts";

interface Timer {
  readonly callback: () => void;
  readonly milliseconds: number;
}

/** Timers that run when the test says so. */
export class TestTimers {
  readonly #waiting = new Set<Timer>();

  readonly setTimer: SetTimer = (callback, milliseconds) => {
    const timer = { callback, milliseconds };
    this.#waiting.add(timer);
    return () => this.#waiting.delete(timer);
  };

  /** How long each one that was not cancelled waits, in the order they were set. */
  get waiting(): number[] {
    return [...this.#waiting].map(({ milliseconds }) => milliseconds);
  }

  /** Runs the one that waits this long. */
  fire(milliseconds: number): void {
    const found = [...this.#waiting].find((timer) => timer.milliseconds === milliseconds);
    if (!found) throw new Error(`no timer waits ${milliseconds} ms, only ${this.waiting.join(", ") || "none"}`);
    this.#waiting.delete(found);
    found.callback();
  }

  fireAll(): void {
    for (const timer of this.#waiting) {
      this.#waiting.delete(timer);
      timer.callback();
    }
  }
}
