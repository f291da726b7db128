import type { Command } from "commander";

/** What every command about one account takes. */
export interface AccountFlags {
  readonly account: string;
  readonly json?: true;
}

/** Declares `kunji <name> <broker> [--account NAME] [--json]`. */
export function accountCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("<broker>", "upstox or tradejini")
    .option("--account <name>", "which of your accounts there", "default")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError(`See kunji ${name} --help.`);
}
