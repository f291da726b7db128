import type { MetricData, WorkerMetrics } from "@kunji/broker";

/** A worker that does not answer within this time is left out: it may be the one that is stuck. */
const PATIENCE_MS = 2_000;

interface Round {
  readonly answered: Set<number>;
  left: number;
  readonly end: () => void;
}

/** Asks every worker for its metrics, and adds them up. */
export class MetricsOfAll {
  readonly #metrics: WorkerMetrics;
  readonly #rounds = new Map<number, Round>();
  #asked = 0;

  constructor(metrics: WorkerMetrics) {
    this.#metrics = metrics;
  }

  /** @param askEach asks every worker to count under this number, and says how many it asked */
  async collect(askEach: (round: number) => number): Promise<string> {
    const id = this.#asked++;
    const answered = new Set<number>();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      const round = { answered, left: Number.POSITIVE_INFINITY, end };
      this.#rounds.set(id, round);
      round.left = askEach(id);
      if (round.left === 0) end();
    });
    this.#rounds.delete(id);
    return await this.#metrics.text(answered);
  }

  /** A worker has counted. */
  take(id: number, worker: number, metrics: MetricData): void {
    this.#metrics.counted(worker, metrics);
    const round = this.#rounds.get(id);
    // Nobody waits any more for one that took too long.
    if (!round) return;
    round.answered.add(worker);
    round.left -= 1;
    if (round.left <= 0) round.end();
  }
}
