import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/security.md"), "utf8");

const LAST_ID = 131;

interface Row {
  readonly id: string;
  readonly code: readonly string[];
  readonly tests: readonly string[];
}

/** The rows of all tables. */
const rows: readonly Row[] = page
  .split("\n")
  .filter((line) => /^\| S-/.test(line))
  .map((line) => {
    const [id = "", , code = "", tests = ""] = line.slice(2, -2).split(" | ");
    return { id, code: pathsIn(code, "src"), tests: pathsIn(tests, "test") };
  });

/** `broker/x.ts` stands for a file of that package, everything else for one from the root. */
function pathsIn(cell: string, folder: "src" | "test"): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, path = ""]) =>
    path.replace(/^(contract|client|keeper|broker|cli)\//, `packages/$1/${folder}/`),
  );
}

describe("docs/security.md", () => {
  it("has every requirement once, in a table", () => {
    const wanted = Array.from({ length: LAST_ID }, (_, index) => `S-${String(index + 1).padStart(2, "0")}`);
    const named = [...page.matchAll(/S-\d+/g)].map(([id]) => id);
    expect(named.sort()).toEqual(wanted.sort());
    expect(rows.map(({ id }) => id).sort()).toEqual(wanted);
  });

  it("names code and tests for every one", () => {
    expect(rows.filter(({ code, tests }) => code.length === 0 || tests.length === 0).map(({ id }) => id)).toEqual([]);
  });

  it("names files that exist", () => {
    const missing = rows.flatMap(({ id, code, tests }) =>
      [...code, ...tests].filter((path) => !existsSync(join(root, path))).map((path) => `${id}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it("names tests that name the requirement", () => {
    const silent = rows.flatMap(({ id, tests }) =>
      tests
        .filter(
          (path) =>
            !(/\.test\.tsx?$/.test(path) && new RegExp(`${id}(?!\\d)`).test(readFileSync(join(root, path), "utf8"))),
        )
        .map((path) => `${id}: ${path}`),
    );
    expect(silent).toEqual([]);
  });
});
