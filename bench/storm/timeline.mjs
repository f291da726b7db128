// What happened in each slice of the storm.
import { latencies } from "../harness/latencies.mjs";

/** @param sliceMs length of a slice */
export function openTimeline(sliceMs) {
  const slices = [];
  const start = performance.now();
  const now = () => {
    const index = Math.floor((performance.now() - start) / sliceMs);
    while (slices.length <= index) {
      slices.push({ arrived: 0, completed: 0, refused429: 0, refused503: 0, times: latencies() });
    }
    return slices[index];
  };
  const all = latencies();
  const totals = { arrived: 0, completed: 0, refused429: 0, refused503: 0 };
  const count = (what) => {
    now()[what]++;
    totals[what]++;
  };
  return {
    totals,
    all,
    arrived: () => count("arrived"),
    refused: (status) => count(status === 429 ? "refused429" : "refused503"),
    /** @param ms from arrival to a token that the profile accepted */
    completed(ms) {
      count("completed");
      now().times.add(ms);
      all.add(ms);
    },
    /** The 99th percentile of the slices that lie at most so far back. */
    recent(slicesBack) {
      const last = slices.slice(-slicesBack);
      return Math.max(0, ...last.map(({ times }) => times.at(99)));
    },
    slices: () => slices.map(({ times, ...counts }) => ({ ...counts, ...percentiles(times) })),
  };
}

/** Undefined where nobody was done. */
function percentiles(times) {
  const at = (p) => (times.count === 0 ? undefined : times.at(p));
  return { p50: at(50), p95: at(95), p99: at(99) };
}
