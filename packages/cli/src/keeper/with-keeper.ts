import type { Keeper } from "@kunji/keeper";
import { exitCodes } from "../command-error.ts";
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
  const stop = listenForStop(
    process,
    () => process.exit(exitCodes.failed),
    () => performance.now(),
  );
  const terminal = systemTerminal();
  try {
    const { openKeeper, openVault } = await import("@kunji/keeper");
    const vault = await openVault({
      askPassphrase: terminal.canAsk ? await passphrasePrompt() : undefined,
      notice: (sentence) => terminal.note(sentence),
    });
    const keeper = await openKeeper({ vault });
    try {
      await command({ keeper, terminal, signal: stop.signal });
    } finally {
      await keeper.close();
      await vault.close();
    }
  } catch (error) {
    throw keeperFailure(error, stop.signal);
  } finally {
    terminal.progress.stop();
  }
}

async function passphrasePrompt() {
  const { askPassphrase } = await import("./ask-passphrase.ts");
  return askPassphrase;
}
