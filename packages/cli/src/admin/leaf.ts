import type { Command } from "commander";

/** A command of `kunji admin`, with the options that all of them have. */
export function leaf(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .option("--database <url>", "sqlite:PATH or postgres://... (default: KUNJI_DATABASE_URL, else sqlite:kunji.db)")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError(`See kunji ${pathOf(group)} ${name} --help.`);
}

function pathOf(group: Command): string {
  return group.parent?.parent ? `${pathOf(group.parent)} ${group.name()}` : group.name();
}
