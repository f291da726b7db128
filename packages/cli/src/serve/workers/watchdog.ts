/** How often the workers are asked whether they are there. */
export const LOOK_EVERY_MS = 5_000;
/** Questions in a row without an answer that a worker may leave: a minute. Nothing a worker does takes it that long. */
export const MOST_UNANSWERED = 12;

/**
 * Notices workers that hang. It counts questions and not time, so that a parent which was stopped or starved itself blames
 * nobody for it.
 */
export class Watchdog {
  readonly #unanswered = new Map<number, number>();

  /** A worker said something, whatever it was. */
  heard(worker: number): void {
    this.#unanswered.set(worker, 0);
  }

  /**
   * To be called before each of them is asked again.
   * @param workers those that are to answer; others are forgotten
   * @returns those that have not for too long
   */
  silentAmong(workers: readonly number[]): number[] {
    const known = new Set(workers);
    for (const worker of this.#unanswered.keys()) if (!known.has(worker)) this.#unanswered.delete(worker);
    return workers.filter((worker) => {
      const unanswered = this.#unanswered.get(worker) ?? 0;
      this.#unanswered.set(worker, unanswered + 1);
      return unanswered >= MOST_UNANSWERED;
    });
  }
}
