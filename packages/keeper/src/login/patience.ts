import type { SetTimer } from "./timer.ts";

export interface PatienceOptions {
  /** Ends the wait; its reason is thrown. */
  readonly signal: AbortSignal;
  readonly setTimer: SetTimer;
  /** What is thrown when nothing came in time. */
  readonly late: () => Error;
}

/** A wait for somebody that ends after a time, or when the caller says so. */
export class Patience {
  readonly #over: Promise<never>;
  #release = () => {};

  constructor(milliseconds: number, { signal, setTimer, late }: PatienceOptions) {
    this.#over = new Promise((_, reject) => {
      const stop = () => reject(signal.reason);
      const cancel = setTimer(() => reject(late()), milliseconds);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      this.#release = () => {
        cancel();
        signal.removeEventListener("abort", stop);
      };
    });
    this.#over.catch(() => {});
  }

  /** The first of these to settle, unless patience ends before. What the others come to is nobody's concern. */
  race<T>(waits: readonly Promise<T>[]): Promise<T> {
    for (const wait of waits) wait.catch(() => {});
    return Promise.race([...waits, this.#over]);
  }

  /** The wait is over: forget the timer and the signal. */
  end(): void {
    this.#release();
  }
}
