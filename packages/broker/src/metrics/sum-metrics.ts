import { AggregatorRegistry } from "prom-client";

/** What `registry.getMetricsAsJSON()` gives: plain data, so that it can travel between processes. */
export type MetricData = Awaited<
  ReturnType<AggregatorRegistry<"text/plain; version=0.0.4; charset=utf-8">["getMetricsAsJSON"]>
>;

/**
 * The metrics of several processes on one machine as those of one, in Prometheus' text format. Each metric says how:
 * most add up. Of the event loops' lag the worst counts, since an average hides the one worker that is stuck.
 */
export async function sumMetrics(ofProcesses: readonly MetricData[]): Promise<string> {
  const judged = ofProcesses.map((metrics) =>
    metrics.map((metric) => (/_eventloop_lag_/.test(metric.name) ? { ...metric, aggregator: "max" } : metric)),
  );
  return await AggregatorRegistry.aggregate(judged).metrics();
}
