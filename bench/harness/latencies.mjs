// Latencies in milliseconds, kept in a histogram of microseconds with three figures.
import { createHistogram } from "node:perf_hooks";

const PER_MS = 1_000;
const LONGEST_US = 3_600_000_000;

export function latencies() {
  const histogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
  return {
    add: (ms) => histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(ms * PER_MS)))),
    /** `p` between 0 and 100; 0 when there is nothing. */
    at: (p) => (histogram.count === 0 ? 0 : histogram.percentile(p) / PER_MS),
    get count() {
      return histogram.count;
    },
    /** The figures a report shows. */
    summary() {
      const [p50, p99, p999] = [50, 99, 99.9].map((p) => this.at(p));
      return { count: histogram.count, p50, p99, p999, max: histogram.count === 0 ? 0 : histogram.max / PER_MS };
    },
  };
}
