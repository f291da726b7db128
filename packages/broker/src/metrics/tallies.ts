import { Counter, type Registry } from "prom-client";

/** One series of a counter. Adding to it is adding to a number: prom-client would put its labels together every time. */
export class Tally {
  value = 0;

  add(count = 1): void {
    this.value += count;
  }
}

export interface TalliesOptions<Label extends string> {
  /** Ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  readonly registry: Registry;
}

/** Values of the labels, by name. Every one comes from a list in the source, so the number of series is bounded. */
export type LabelSet<Label extends string> = Readonly<Record<Label, string | number>>;

/** A counter whose series are made when they are first asked for, and kept by whoever is in a hurry. */
export class Tallies<Label extends string> {
  readonly #labelNames: readonly Label[];
  readonly #series = new Map<string, { readonly labels: LabelSet<Label>; readonly tally: Tally }>();

  constructor({ name, help, labelNames, registry }: TalliesOptions<Label>) {
    this.#labelNames = labelNames;
    const series = this.#series;
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, tally } of series.values()) this.inc(labels, tally.value);
      },
    });
  }

  /** The series of these labels; from now on it is there, also while it is 0. */
  of(labels: LabelSet<Label>): Tally {
    const key = this.#labelNames.map((name) => labels[name]).join(" ");
    const known = this.#series.get(key);
    if (known) return known.tally;
    const tally = new Tally();
    this.#series.set(key, { labels, tally });
    return tally;
  }
}
