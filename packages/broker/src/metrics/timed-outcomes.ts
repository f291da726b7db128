import type { Registry } from "prom-client";
import { type Distribution, Distributions } from "./distributions.ts";
import { Tallies, type Tally } from "./tallies.ts";

export interface TimedOutcomesOptions<By extends string, Outcome extends string> {
  /** Label of what is timed, and label of what came of it. */
  readonly labelNames: readonly [By, Outcome];
  readonly total: { readonly name: string; readonly help: string };
  readonly duration: { readonly name: string; readonly help: string; readonly buckets: readonly number[] };
  readonly registry: Registry;
}

interface Series {
  readonly seconds: Distribution;
  readonly byOutcome: Map<string | number, Tally>;
}

/** A counter of outcomes beside a histogram of how long they took. Runs on every request: two look-ups in maps. */
export class TimedOutcomes<By extends string, Outcome extends string> {
  readonly #labelNames: readonly [By, Outcome];
  readonly #total: Tallies<By | Outcome>;
  readonly #seconds: Distributions<By>;
  readonly #series = new Map<string, Series>();

  constructor({ labelNames, total, duration, registry }: TimedOutcomesOptions<By, Outcome>) {
    this.#labelNames = labelNames;
    this.#total = new Tallies({ ...total, labelNames, registry });
    this.#seconds = new Distributions({ ...duration, labelNames: [labelNames[0]], registry });
  }

  observe(by: string, outcome: string | number, seconds: number): void {
    const series = this.#series.get(by) ?? this.#add(by);
    series.seconds.observe(seconds);
    let tally = series.byOutcome.get(outcome);
    if (!tally) {
      const [byName, outcomeName] = this.#labelNames;
      tally = this.#total.of(labels<By | Outcome>([byName, by], [outcomeName, outcome]));
      series.byOutcome.set(outcome, tally);
    }
    tally.value += 1;
  }

  #add(by: string): Series {
    const series = { seconds: this.#seconds.of(labels([this.#labelNames[0], by])), byOutcome: new Map() };
    this.#series.set(by, series);
    return series;
  }
}

function labels<Label extends string>(...entries: [Label, string | number][]): Record<Label, string | number> {
  return Object.fromEntries(entries) as Record<Label, string | number>;
}
