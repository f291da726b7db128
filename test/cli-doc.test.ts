import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { exitCodes } from "../packages/cli/src/command-error.ts";
import { createProgram } from "../packages/cli/src/program.ts";

type Command = ReturnType<typeof createProgram>;
type Option = Command["options"][number];

const page = readFileSync(fileURLToPath(new URL("../docs/cli.md", import.meta.url)), "utf8");
/** Said once for all of them. */
const OF_EVERY_ADMIN_COMMAND = ["--database <url>", "--json"];

interface Documented {
  /** `--account <name>`, with what stands beside it. */
  readonly options: ReadonlyMap<string, string>;
}

/** Commands with a section of their own, by usage: options are the first cells of its table. */
function sections(): [string, Documented][] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [usage = ""] = /(?<=^`)[^`]+(?=`\n)/.exec(section) ?? [];
      const own = section.split(/^## /m)[0] ?? "";
      const rows = [...own.matchAll(/^\| `(--[^`]+)` \| (.*) \|$/gm)];
      return [usage, { options: new Map(rows.map(([, flags = "", text = ""]) => [flags, text])) }];
    });
}

/** Commands with a row in a table. */
function rows(): [string, Documented][] {
  return [...page.matchAll(/^\| `(kunji [^`]+)` \|(.*)\|$/gm)].map(([, usage = "", text = ""]) => {
    const options = [...text.matchAll(/`(--[^`]+)`([^`]*(?:`(?!--)[^`]*`[^`]*)*)/g)];
    return [usage, { options: new Map(options.map(([, flags = "", about = ""]) => [flags, about])) }];
  });
}

const documented = new Map([...rows(), ...sections().filter(([usage]) => usage !== "kunji admin")]);

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function usageOf(command: Command): string {
  const words: string[] = [];
  for (let one: Command | null = command; one; one = one.parent) words.unshift(one.name());
  const given = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  return [...words, ...given].join(" ");
}

function ownOptions(command: Command): readonly Option[] {
  const isAdmin = usageOf(command).startsWith("kunji admin ");
  return command.options.filter(({ flags }) => !(isAdmin && OF_EVERY_ADMIN_COMMAND.includes(flags)));
}

const commands = leaves(createProgram()).map((command) => [usageOf(command), command] as const);

describe("docs/cli.md", () => {
  it("has every command of the program, and no other", () => {
    expect([...documented.keys()].sort()).toEqual(commands.map(([usage]) => usage).sort());
  });

  it.each(commands)("has the options of %s with their defaults, and no other", (usage, command) => {
    const { options } = documented.get(usage) ?? { options: new Map<string, string>() };
    expect([...options.keys()].sort()).toEqual(
      ownOptions(command)
        .map(({ flags }) => flags)
        .sort(),
    );
    for (const { flags, defaultValue, negate } of ownOptions(command)) {
      if (defaultValue === undefined || negate) continue;
      expect(options.get(flags), flags).toContain(String(defaultValue));
    }
  });

  it("says of every admin command what all of them take", () => {
    const admin = commands.filter(([usage]) => usage.startsWith("kunji admin "));
    for (const [usage, command] of admin) {
      const flags = command.options.map((option) => option.flags);
      expect(flags, usage).toEqual(expect.arrayContaining(OF_EVERY_ADMIN_COMMAND));
    }
    for (const flags of OF_EVERY_ADMIN_COMMAND) expect(page).toContain(`\`${flags}\``);
  });

  it("has the exit codes of the program", () => {
    const words = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    const inProgram = Object.entries(exitCodes).map(([name, code]) => [String(code), words(name)]);
    expect([...page.matchAll(/^\| (\d) \| (.+) \|$/gm)].map(([, code, text]) => [code, text])).toEqual(inProgram);
  });

  it("shows JSON that is JSON", () => {
    const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, text = ""]) => text);
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect(() => JSON.parse(block)).not.toThrow();
  });
});
