import { readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addAdminCommand } from "../../src/commands/admin.ts";

const page = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");

const program = new Command("kunji");
addAdminCommand(program);

/** Every command line of `kunji admin` on the page: in a block, or in the text between backquotes. */
const commandLines = [...page.replaceAll("\\\n", " ").matchAll(/kunji (admin [a-z][^\n`|>)]*)/g)].map(
  ([, words = ""]) => words.trim().split(/\s+/),
);

/** Finds the command that words lead to. */
function commandOf(words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
  }
  return command;
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

describe("docs/operations.md", () => {
  it("shows every command of kunji admin", () => {
    const shown = new Set(commandLines.map((words) => nameOf(commandOf(words))));
    const missing = leavesOf(program)
      .map(nameOf)
      .filter((name) => !shown.has(name));
    expect(missing).toEqual([]);
  });

  it("uses options that its commands have", () => {
    expect(commandLines.length).toBeGreaterThan(25);
    const unknown = commandLines.flatMap((words) => {
      const known = commandOf(words).options.map(({ long }) => long);
      return words
        .filter((word) => /^--\w/.test(word) && !known.includes(word))
        .map((word) => `${words.join(" ")}: ${word}`);
    });
    expect(unknown).toEqual([]);
  });

  it("names the options of apps that there are", () => {
    const own = ["create", "set"].flatMap((name) =>
      commandOf(["admin", "client", name]).options.map(({ long }) => long),
    );
    const table = page.slice(page.indexOf("| what an app may have"), page.indexOf("An app that gets tokens by push"));
    const named = [...table.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
    expect(named.filter((option) => !own.includes(option))).toEqual([]);
  });
});
