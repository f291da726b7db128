import { CommandError, exitCodes } from "../command-error.ts";
import { nodeSupportNotice } from "../node-support.ts";
import { listenForStop } from "../stop-signals.ts";
import { createStyle, wantsColour } from "../terminal/style.ts";
import { loadBrokerKey } from "./broker-key.ts";
import { keepMemoryOutOfDumps } from "./memory-dumps.ts";
import { readyLine } from "./ready-line.ts";
import { readyText } from "./ready-text.ts";
import { namesPassword, planServe, type ServeFlags } from "./serve-plan.ts";
import { startFailure } from "./start-failure.ts";

/**
 * Runs the broker until it is told to stop (S-115) or its store fails (S-119).
 * @throws CommandError when it cannot start, or when the store failed
 */
export async function serve(flags: ServeFlags): Promise<void> {
  // The database, its log and its key are for this user's eyes (S-79).
  process.umask(0o077);
  const dumpsHoldNothing = keepMemoryOutOfDumps(process.platform);
  const stop = listenForStop(
    process,
    () => process.exit(exitCodes.failed),
    () => performance.now(),
  );
  const broker = await import("@kunji/broker");
  const plan = planServe(flags, process.env, broker);
  const log = broker.createLog(plan.settings.KUNJI_LOG_LEVEL);
  const notice = nodeSupportNotice(process.versions.node, Date.now());
  if (notice) log.warn(notice);
  if (namesPassword(flags)) {
    log.warn(
      "--database holds a password, which every user of this machine can read: use KUNJI_DATABASE_URL or PGPASSWORD",
    );
  }
  if (!dumpsHoldNothing) log.info("a core dump of this process could hold secrets: switch core dumps off");
  const masterKey = loadBrokerKey(plan, broker, (text) => log.info(text));

  let hasFailed = false;
  let endStore = () => {};
  const storeFailed = new Promise<void>((resolve) => {
    endStore = resolve;
  });
  const { port, host, database, settings, demo, control } = plan;
  const running = await broker
    .startServer({
      port,
      host,
      database,
      masterKey,
      settings,
      control,
      log,
      ...(demo ? { demo } : {}),
      onStoreFailure(error) {
        log.fatal({ err: error }, "the store failed; nothing more is written, the broker ends");
        hasFailed = true;
        endStore();
      },
    })
    .catch((error: unknown) => {
      throw startFailure(error, plan);
    });

  const style = createStyle(wantsColour(process.stdout, process.env));
  process.stdout.write(flags.json ? `${readyLine(running, process.pid)}\n` : readyText(running, style));
  log.info({ url: running.url, database: databaseForLog(database) }, "ready");

  await Promise.race([stop.stopped, storeFailed]);
  log.info("stopping: no new work is taken, what is under way is finished");
  await running.close();
  log.info("stopped");
  if (hasFailed) throw new CommandError(exitCodes.failed, "The store failed, see the log.");
}

/** The kind of store only: a path may name a person, an URL holds a password. */
function databaseForLog(database: string): string {
  if (!database.startsWith("sqlite:")) return "postgres";
  return database === "sqlite::memory:" ? "sqlite in memory" : "sqlite file";
}
