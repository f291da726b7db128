import { clockJumps } from "./clock-jumps.ts";
import { diskFull, failedFsync } from "./failing-disk.ts";
import type { Fault } from "./fault.ts";
import { killNine } from "./kill-nine.ts";
import { killWorker } from "./kill-worker.ts";
import { postgresRestart } from "./postgres-restart.ts";
import { stopUnderLoad } from "./stop-under-load.ts";
import { terminatedBackends } from "./terminated-backends.ts";

/** Every fault by its name on the command line: a new one is a new file and one line here. */
export const faults: Readonly<Record<string, Fault>> = {
  kill9: killNine,
  "kill-worker": killWorker,
  stop: stopUnderLoad,
  "postgres-restart": postgresRestart,
  "terminated-backends": terminatedBackends,
  "disk-full": diskFull,
  "failed-fsync": failedFsync,
  "clock-jumps": clockJumps,
};
