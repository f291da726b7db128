import { type Command, InvalidArgumentError } from "commander";

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
    .option("--account <name>", "which of your accounts there", accountName, "default")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError(`See kunji ${name} --help.`);
}

/** As the keeper has it; a test compares the two. Loading the keeper for every `--help` would cost more than a line. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Checks `--account` before anything is asked or opened. */
export function accountName(text: string): string {
  if (NAME.test(text)) return text;
  throw new InvalidArgumentError("An account name has 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit.");
}
