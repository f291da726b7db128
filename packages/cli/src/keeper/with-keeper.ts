import type { Keeper } from "@kunji/keeper";
import { exitCodes } from "../command-error.ts";
import { keepMemoryOutOfDumps } from "../memory-dumps.ts";
import { listenForStop } from "../stop-signals.ts";
import { keeperFailure } from "./keeper-failure.ts";
import { systemTerminal, type Terminal } from "./terminal.ts";

/** What a command about accounts works with. */
export interface KeeperCommand {
  readonly keeper: Keeper;
  readonly terminal: Terminal;
  /** Ends at Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Opens the vault that the environment names, runs a command on it, and closes it again.
 * @throws CommandError with what went wrong and what to do next
 */
export async function withKeeper(command: (given: KeeperCommand) => Promise<void>): Promise<void> {
  // What is written is for this user's eyes (S-79).
  process.umask(0o077);
  keepMemoryOutOfDumps(process.platform);
  const terminal = systemTerminal();
  let stopped: AbortSignal | undefined;
  try {
    const { openKeeper, openVault } = await import("@kunji/keeper");
    const vault = await openVault({
      askPassphrase: terminal.canAsk ? await passphrasePrompt() : undefined,
      notice: (sentence) => terminal.note(sentence),
    });
    // Not before: while nothing is open there is nothing to leave in order, and Ctrl-C ends the process by itself.
    const { signal } = listenForStop(
      process,
      () => process.exit(exitCodes.failed),
      () => performance.now(),
    );
    stopped = signal;
    const keeper = await openKeeper({ vault });
    try {
      await untilStopped(command({ keeper, terminal, signal }), signal);
    } finally {
      await keeper.close();
      await vault.close();
    }
  } catch (error) {
    throw keeperFailure(error, stopped);
  } finally {
    terminal.progress.stop();
  }
}

/** How long a request under way may keep a stopped process, ms. */
const LINGER_MS = 500;

/** The command, or the end of waiting for it: not everything that takes long listens to the signal. */
async function untilStopped(command: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => {
      setTimeout(() => process.exit(exitCodes.failed), LINGER_MS).unref();
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
  await Promise.race([command, stopped]);
}

async function passphrasePrompt() {
  const { askPassphrase } = await import("./ask-passphrase.ts");
  return askPassphrase;
}
