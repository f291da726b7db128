import type { Command } from "commander";
import { accountName } from "./account-options.ts";

/** `kunji status`: all accounts, or those of one broker, and how long their tokens live. */
export function addStatusCommand(program: Command): void {
  program
    .command("status")
    .description("Show your accounts and how long their tokens live.")
    .argument("[broker]", "upstox or tradejini; all when left out")
    .option("--account <name>", "only this account", accountName)
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji status --help.")
    .action(async (broker: string | undefined, flags: import("../keeper/status.ts").StatusFlags) => {
      const { status } = await import("../keeper/status.ts");
      await status(broker, flags);
    });
}
