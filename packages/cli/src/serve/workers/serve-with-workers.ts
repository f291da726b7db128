import { CommandError, exitCodes } from "../../command-error.ts";
import type { StopSignals } from "../../stop-signals.ts";
import type { ServeJob } from "../serve-job.ts";
import { WorkerPool } from "./worker-pool.ts";

/**
 * The parent of `kunji serve --workers`: starts the workers, says once that all are ready, and ends when it is told to
 * (S-115) or when the store of one of them failed (S-119).
 * @param onKill is handed what ends the workers at once
 * @throws CommandError when they cannot start, did not stop, or the store failed
 */
export async function serveWithWorkers(
  job: ServeJob,
  stop: StopSignals,
  onKill: (kill: () => void) => void,
): Promise<void> {
  const { plan, broker, log } = job;
  const pool = new WorkerPool({
    count: plan.workers,
    port: plan.port,
    broker,
    log,
    onStoreFailure: () => job.failStore(),
  });
  onKill(() => pool.kill());
  const ended = Promise.race([stop.stopped, job.storeFailed]);
  let didStop = false;
  try {
    const url = await Promise.race([pool.start(), ended]);
    if (url !== undefined) job.sayReady({ url, demo: plan.demo && broker.demoData(plan.demo) });
    await ended;
    log.info("stopping: no new work is taken, what is under way is finished");
  } finally {
    didStop = await pool.stop();
    log.info("stopped");
  }
  if (job.hasStoreFailed()) throw new CommandError(exitCodes.failed, "The store failed, see the log.");
  if (!didStop) throw new CommandError(exitCodes.failed, "A worker did not stop in time and was killed, see the log.");
}
