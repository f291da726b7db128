import { Gauge, Registry } from "prom-client";
import type { MetricData } from "./sum-metrics.ts";
import { Tallies, type Tally } from "./tallies.ts";

/** Why a worker process ended without being told to. */
export type WorkerEnd = "exit" | "signal";

/** What the process that watches over the workers counts (`kunji serve --workers`). */
export interface WorkerMetrics {
  readonly ended: (how: WorkerEnd) => void;
  readonly collect: () => Promise<MetricData>;
}

/** @param ready how many workers answer now */
export function createWorkerMetrics(ready: () => number): WorkerMetrics {
  const registry = new Registry();
  const ends = new Tallies({
    name: "kunji_worker_ends_total",
    help: "Worker processes that ended without being told to",
    labelNames: ["how"],
    registry,
  });
  const byKind: Readonly<Record<WorkerEnd, Tally>> = {
    exit: ends.of({ how: "exit" }),
    signal: ends.of({ how: "signal" }),
  };
  new Gauge({
    name: "kunji_workers_ready",
    help: "Worker processes that answer",
    registers: [registry],
    collect() {
      this.set(ready());
    },
  });
  return {
    ended: (how) => byKind[how].add(),
    collect: () => registry.getMetricsAsJSON(),
  };
}
