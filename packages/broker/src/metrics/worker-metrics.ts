import { AggregatorRegistry, Gauge, Registry } from "prom-client";
import { type MetricData, sumMetrics } from "./sum-metrics.ts";
import { Tallies, type Tally } from "./tallies.ts";

/** Why a worker process ended without being told to. */
export type WorkerEnd = "exit" | "signal";

/**
 * The metrics of the workers of `kunji serve --workers`, in the process that watches over them. What only rises goes on
 * counting in what a worker last said that is gone or does not answer: the sum would fall otherwise, which Prometheus takes
 * for a restart, and it would add all that the others ever counted once more.
 */
export interface WorkerMetrics {
  readonly ended: (how: WorkerEnd) => void;
  /** What a worker counts now. @param worker a number that no later one has */
  readonly counted: (worker: number, metrics: MetricData) => void;
  /** A worker ended, for whatever reason. */
  readonly gone: (worker: number) => void;
  /**
   * Prometheus' text.
   * @param answering the workers that have just counted
   */
  readonly text: (answering: ReadonlySet<number>) => Promise<string>;
}

/** @param configured how many workers there are to be */
export function createWorkerMetrics(configured: number): WorkerMetrics {
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
  const registers = [registry];
  const ready = new Gauge({ name: "kunji_workers_ready", help: "Worker processes that answer", registers });
  new Gauge({
    name: "kunji_workers_configured",
    help: "Worker processes that there are to be",
    registers,
  }).set(configured);

  /** What each worker that lives has last said. */
  const latest = new Map<number, MetricData>();
  let ofGone: readonly MetricData[] = [];

  /** However many workers end, what they leave is one sum. */
  async function addUpGone(): Promise<void> {
    const before = ofGone;
    if (before.length < 2) return;
    const sum = await AggregatorRegistry.aggregate([...before]).getMetricsAsJSON();
    // Otherwise another one ended meanwhile; the next time will do.
    if (ofGone === before) ofGone = [sum];
  }

  return {
    ended: (how) => byKind[how].add(),
    counted: (worker, metrics) => latest.set(worker, metrics),
    gone(worker) {
      const last = latest.get(worker);
      latest.delete(worker);
      if (last) ofGone = [...ofGone, risingOf(last)];
    },
    async text(answering) {
      ready.set(answering.size);
      await addUpGone();
      const own = await registry.getMetricsAsJSON();
      const ofLiving = [...latest].map(([worker, metrics]) => (answering.has(worker) ? metrics : risingOf(metrics)));
      // Who answers comes first: a metric is described by the first that has it.
      return await sumMetrics([...ofLiving, ...ofGone, own]);
    },
  };
}

/** What stays true of a process that says nothing more. */
function risingOf(metrics: MetricData): MetricData {
  // prom-client's types say `MetricType.Counter`; the data says this.
  return metrics.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
}
