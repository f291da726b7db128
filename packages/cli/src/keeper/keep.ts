import { kunjiFolders, openKeeper, openVault } from "@kunji/keeper";
import { type RunningService, startService } from "@kunji/keeper/service";
import { exitCodes, usageError } from "../command-error.ts";
import { keepMemoryOutOfDumps } from "../memory-dumps.ts";
import { nodeSupportNotice } from "../node-support.ts";
import { listenForStop } from "../stop-signals.ts";
import { alignFacts } from "../terminal/facts.ts";
import { istMoment } from "../terminal/ist-time.ts";
import type { Style } from "../terminal/style.ts";
import { keeperFailure } from "./keeper-failure.ts";
import { systemTerminal } from "./terminal.ts";

export interface KeepFlags {
  readonly port: number;
  readonly webhookPort: number;
  readonly at: string;
  readonly until: string;
  readonly retryMinutes: number;
  /** False with `--no-schedule`. */
  readonly schedule: boolean;
  readonly notifyCommand?: readonly string[];
  readonly expiringMinutes: number;
  readonly json?: true;
}

/**
 * Runs the keeper until it is told to stop; what is under way is answered first (S-115).
 * @throws CommandError when it cannot start
 */
export async function keep(flags: KeepFlags): Promise<void> {
  process.umask(0o077);
  keepMemoryOutOfDumps(process.platform);
  const stop = listenForStop(
    process,
    () => process.exit(exitCodes.failed),
    () => performance.now(),
  );
  const terminal = systemTerminal();
  const notifyUrl = takeNotifyUrl(process.env);
  const notice = nodeSupportNotice(process.versions.node, Date.now());
  if (notice) terminal.note(notice);
  try {
    const askPassphrase = terminal.canAsk ? (await import("./ask-passphrase.ts")).askPassphrase : undefined;
    const vault = await openVault({ askPassphrase, notice: (sentence) => terminal.note(sentence) });
    const keeper = await openKeeper({
      vault,
      expiringMinutes: flags.expiringMinutes,
      // The receiver is the service's own, for all accounts and all the time.
      webhookPort: flags.webhookPort,
    });
    try {
      const { data } = await kunjiFolders();
      const { at, until, retryMinutes } = flags;
      const service = await startService({
        keeper,
        dataFolder: data,
        port: flags.port,
        webhookPort: flags.webhookPort,
        schedule: flags.schedule && { at, until, retryMinutes },
        notify: { command: commandOf(flags.notifyCommand), url: notifyUrl },
      }).catch((error: unknown) => {
        throw error instanceof TypeError ? usageError([`${error.message}.`]) : error;
      });
      terminal.print(
        flags.json ? readyLine(service) : readyText(service, terminal.style, process.stdout.isTTY === true),
      );
      await stop.stopped;
      await service.close();
    } finally {
      await keeper.close();
      await vault.close();
    }
  } catch (error) {
    throw keeperFailure(error);
  }
}

/** Children must not inherit it: it may be a secret (S-79). */
function takeNotifyUrl(environment: NodeJS.ProcessEnv): string | undefined {
  const url = environment.KUNJI_NOTIFY_URL;
  delete environment.KUNJI_NOTIFY_URL;
  return url || undefined;
}

function commandOf(words: readonly string[] | undefined): readonly [string, ...string[]] | undefined {
  const [program, ...rest] = words ?? [];
  return program === undefined ? undefined : [program, ...rest];
}

/** For programs. The dashboard's link is a secret and stays out: `kunji dashboard` makes one. */
function readyLine({ url, socket, bearerFile }: RunningService): string {
  return JSON.stringify({ url, socket, bearerFile, pid: process.pid });
}

/** @param isSeen whether a person reads it: only then there is a link in it, which is good for one browser, once */
function readyText(service: RunningService, style: Style, isSeen: boolean): string {
  const next = service.nextLoginAt();
  const rows = [
    ["Dashboard", isSeen ? style.cyan(service.createDashboardLink()) : "kunji dashboard"],
    ["Tokens", service.socket ?? service.url],
    ["Next login", next === undefined ? "only when you ask for it" : istMoment(next / 1000)],
  ];
  return `${style.green("✓")} ${style.bold("Keeping your accounts logged in")}\n${alignFacts(rows, style, 2)}`;
}
