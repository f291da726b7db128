import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const readme = read("README.md");

/** The first cell of every row of the table under a heading. */
function firstColumn(heading: string): string[] {
  const [, section = ""] = readme.split(`\n## ${heading}\n`);
  const [text = ""] = section.split("\n## ");
  return [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
}

/** The names of an interface's properties. */
function properties(source: string, name: string): string[] {
  const [, body = ""] = source.split(`export interface ${name} {\n`);
  return [...(body.split("\n}")[0] ?? "").matchAll(/^ {2}readonly (\w+)/gm)].map(([, property = ""]) => property);
}

describe("packages/keeper/README.md", () => {
  it("lists every error code and no other", () => {
    const codes = [...read("src/keeper-error.ts").matchAll(/^ {2}\| "(\w+)"/gm)].map(([, code = ""]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(firstColumn("Errors").sort()).toEqual(codes.sort());
  });

  it("lists every option of openKeeper() and no other", () => {
    const options = properties(read("src/keeper-options.ts"), "KeeperOptions");
    expect(options.length).toBeGreaterThan(5);
    expect(firstColumn("`openKeeper(options)`").sort()).toEqual(options.sort());
  });

  it("lists every event", () => {
    const types = [...read("src/keeper-events.ts").matchAll(/"(\w+)"(?= \||;)/g)].map(([, type = ""]) => type);
    expect(firstColumn("A bot")).toEqual([...new Set(types)]);
  });
});
