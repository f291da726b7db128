import type { Metric, Registry } from "prom-client";
import type { LabelSet } from "./tallies.ts";

/** One series of a histogram. */
export class Distribution {
  /** How many lie in each bucket alone, the last one being everything above the bounds. */
  readonly counts: number[];
  sum = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    // A dozen bounds, and most values lie below the first few of them.
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += value;
  }
}

export interface DistributionsOptions<Label extends string> {
  /** Ends in its unit, such as `_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  /** Upper bounds of the buckets, rising. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A histogram as Prometheus reads it. prom-client's own puts labels together for every value. */
export class Distributions<Label extends string> {
  readonly #options: DistributionsOptions<Label>;
  readonly #series = new Map<string, { readonly labels: LabelSet<Label>; readonly distribution: Distribution }>();

  constructor(options: DistributionsOptions<Label>) {
    this.#options = options;
    const { name, help, registry } = options;
    const get = async () => ({ name, help, type: "histogram", aggregator: "sum", values: this.#samples() });
    // All that a registry asks of a metric is its name and `get()`; `AggregatorRegistry.aggregate()` does the same.
    registry.registerMetric({ name, get } as unknown as Metric);
  }

  /** The series of these labels; from now on it is there, also while it is empty. */
  of(labels: LabelSet<Label>): Distribution {
    const key = this.#options.labelNames.map((name) => labels[name]).join(" ");
    const known = this.#series.get(key);
    if (known) return known.distribution;
    const distribution = new Distribution(this.#options.buckets);
    this.#series.set(key, { labels, distribution });
    return distribution;
  }

  #samples(): Sample[] {
    const { name, buckets } = this.#options;
    return [...this.#series.values()].flatMap(({ labels, distribution }) => {
      let total = 0;
      const samples: Sample[] = distribution.counts.map((count, index) => {
        total += count;
        return { metricName: `${name}_bucket`, labels: { le: buckets[index] ?? "+Inf", ...labels }, value: total };
      });
      samples.push({ metricName: `${name}_sum`, labels, value: distribution.sum });
      samples.push({ metricName: `${name}_count`, labels, value: total });
      return samples;
    });
  }
}
