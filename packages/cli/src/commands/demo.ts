import { type Command, Option } from "commander";
import type { DemoFlags } from "../demo/demo.ts";

/** `kunji demo`: a whole login against a broker of its own. */
export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("Watch a whole login happen: start a broker, log in, show session, profile and funds, log out.")
    .addOption(new Option("--once", "let a scripted customer log in, then end").conflicts("stay"))
    .option("--stay", "keep the broker running afterwards, until Ctrl-C")
    .option("--json", "print one JSON object instead of text; a scripted customer logs in")
    .addOption(new Option("--broker <name>", "whose login to show").choices(["upstox", "tradejini"]).default("upstox"))
    .addHelpText(
      "after",
      `
Upstox has one login; of Tradejini's two, the one in the browser comes first and the direct one after it.
On a terminal with a browser you log in yourself, and the broker stays up. Anywhere else, and with --once, a scripted
customer fills in the same pages. Nothing is left behind.`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji demo --help.")
    .action(async (flags: DemoFlags) => {
      const { demo } = await import("../demo/demo.ts");
      await demo(flags);
    });
}
