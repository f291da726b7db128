import type { MetricData } from "@kunji/broker";
import type { BrokerModule } from "../serve-plan.ts";

/** A worker that does not answer within this time is left out: it may be the one that is stuck. */
const PATIENCE_MS = 2_000;

interface Round {
  readonly answers: MetricData[];
  left: number;
  readonly end: () => void;
}

/** Collects the metrics of every worker and adds them up. */
export class MetricsOfAll {
  readonly #broker: BrokerModule;
  readonly #rounds = new Map<number, Round>();
  #asked = 0;

  constructor(broker: BrokerModule) {
    this.#broker = broker;
  }

  /**
   * @param askEach asks every worker to count under this number, and says how many it asked
   * @param own what the parent itself counts
   */
  async collect(askEach: (id: number) => number, own: () => Promise<MetricData>): Promise<string> {
    const id = this.#asked++;
    const answers: MetricData[] = [];
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      const round = { answers, left: Number.POSITIVE_INFINITY, end };
      this.#rounds.set(id, round);
      round.left = askEach(id);
      if (round.left === 0) end();
    });
    this.#rounds.delete(id);
    return await this.#broker.sumMetrics([...answers, await own()]);
  }

  /** A worker has counted. */
  take(id: number, metrics: MetricData): void {
    const round = this.#rounds.get(id);
    if (!round) return;
    round.answers.push(metrics);
    round.left -= 1;
    if (round.left <= 0) round.end();
  }
}
