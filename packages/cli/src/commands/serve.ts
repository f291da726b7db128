import { type Command, InvalidArgumentError } from "commander";
import type { ServeFlags } from "../serve/serve-plan.ts";

/** `kunji serve`: the broker. Its code is loaded only when it runs. */
export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .description("Run the broker: login pages, tokens, account APIs.")
    .option("--port <number>", "port to listen on; 0 takes a free one", wholeNumber(0, 65_535), 8080)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option(
      "--database <url>",
      "sqlite:PATH or postgres://... (default: KUNJI_DATABASE_URL, else sqlite:kunji.db; in memory with --demo)",
    )
    .option("--workers <number>", "processes to run on one port and one database", wholeNumber(1, 256), 1)
    .option("--demo", "make up apps and customers, and show every message in /inbox")
    .option("--customers <number>", "how many demo customers each broker has (default: 10)", wholeNumber(1, 100_000))
    .option("--redirect-uri <url>", "redirect URI of the demo apps (default: http://127.0.0.1:7475/callback)")
    .option(
      "--notifier-url <url>",
      "where the Upstox demo app gets approved tokens (default: http://127.0.0.1:7476/upstox/notifier)",
    )
    .option("--control", "let tests move the clock, inject faults and read requests; on this machine only")
    .option("--json", "print one line of JSON when ready")
    .addHelpText(
      "after",
      `
Settings come from KUNJI_* variables: KUNJI_KEY, KUNJI_MESSAGE_SENDER, KUNJI_PUBLIC_URL, KUNJI_LOG_LEVEL and more.
Logs go to stderr, one line of JSON each.

  kunji serve --demo                       a broker to play with
  kunji serve --demo --port 0 --json       the same for a script`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji serve --help.")
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("../serve/serve.ts");
      await serve(flags);
    });
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
