import { CommandError, exitCodes } from "../command-error.ts";
import { keepMemoryOutOfDumps } from "../memory-dumps.ts";
import { nodeSupportNotice } from "../node-support.ts";
import { listenForStop } from "../stop-signals.ts";
import { loadBrokerKey } from "./broker-key.ts";
import { ServeJob } from "./serve-job.ts";
import { namesPassword, planServe, type ServeFlags } from "./serve-plan.ts";
import { startFailure } from "./start-failure.ts";

/**
 * Runs the broker, in this process or in workers, until it is told to stop (S-115) or its store fails (S-119).
 * @throws CommandError when it cannot start, or when the store failed
 */
export async function serve(flags: ServeFlags): Promise<void> {
  // The database, its log and its key are for this user's eyes (S-79).
  process.umask(0o077);
  const dumpsHoldNothing = keepMemoryOutOfDumps(process.platform);
  const cluster = flags.workers > 1 ? (await import("node:cluster")).default : undefined;
  // The parent has said it all by then.
  const isWorker = cluster?.isWorker === true;
  let endAtOnce = () => {};
  const exitNow = () => {
    endAtOnce();
    process.exit(exitCodes.failed);
  };
  const stop = isWorker ? undefined : listenForStop(process, exitNow, () => performance.now());
  const broker = await import("@kunji/broker");
  const plan = planServe(flags, process.env, broker);
  const log = broker.createLog(plan.settings.KUNJI_LOG_LEVEL);
  const say = isWorker ? () => {} : (text: string) => log.info(text);
  if (!isWorker) warn(flags, log);
  if (!dumpsHoldNothing) say("a core dump of this process could hold secrets: switch core dumps off");
  const masterKey = loadBrokerKey(plan, broker, say);
  const job = new ServeJob({ plan, broker, log, masterKey, json: flags.json === true });

  if (!stop) return await (await import("./workers/worker.ts")).runWorker(job);
  if (cluster) {
    const { serveWithWorkers } = await import("./workers/serve-with-workers.ts");
    return await serveWithWorkers(job, stop, (kill) => {
      endAtOnce = kill;
    });
  }
  const running = await job.start().catch((error: unknown) => {
    throw startFailure(error, plan);
  });
  job.sayReady(running);
  await Promise.race([stop.stopped, job.storeFailed]);
  await job.stop(running);
  if (job.hasStoreFailed()) throw new CommandError(exitCodes.failed, "The store failed, see the log.");
}

function warn(flags: ServeFlags, log: { readonly warn: (text: string) => void }): void {
  const notice = nodeSupportNotice(process.versions.node, Date.now());
  if (notice) log.warn(notice);
  if (!namesPassword(flags)) return;
  log.warn(
    "--database holds a password, which every user of this machine can read: use KUNJI_DATABASE_URL or PGPASSWORD",
  );
}
