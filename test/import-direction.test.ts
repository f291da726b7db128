import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../packages", import.meta.url));

/** What each package may import of the others (design: arrows go one way). */
const allowed: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  client: ["@kunji/contract"],
  keeper: ["@kunji/contract", "@kunji/client"],
  broker: ["@kunji/contract"],
  cli: ["@kunji/contract", "@kunji/client", "@kunji/keeper", "@kunji/broker"],
};

/** Most direct run-time dependencies of each package, our own not counted (S-129). */
const dependencyLimit: Readonly<Record<string, number>> = {
  contract: 0,
  client: 0,
  keeper: 12,
  broker: 24,
  cli: 12,
};

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function imports(file: string): string[] {
  const text = readFileSync(file, "utf8").replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}

describe("imports go one way", () => {
  it("knows every package", () => {
    expect(readdirSync(packages).sort()).toEqual(Object.keys(allowed).sort());
  });

  for (const [name, others] of Object.entries(allowed)) {
    it(`${name} imports ${others.join(", ") || "no other package"}`, () => {
      const foreign = sources(join(packages, name, "src")).flatMap((file) =>
        imports(file)
          .filter((target) => /^(@kunji\/|kunji$)/.test(target))
          .filter((target) => !others.some((other) => target === other || target.startsWith(`${other}/`)))
          .map((target) => `${file.slice(packages.length)} -> ${target}`),
      );
      expect(foreign).toEqual([]);
    });

    it(`${name} reaches no other package by path`, () => {
      const strays = sources(join(packages, name, "src")).filter((file) =>
        imports(file).some(
          (target) => target.startsWith(".") && !join(file, "..", target).startsWith(join(packages, name, "src")),
        ),
      );
      expect(strays).toEqual([]);
    });

    it(`${name} has at most ${dependencyLimit[name]} dependencies of its own, with exact versions`, () => {
      const manifest = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8")) as {
        dependencies?: Record<string, string>;
      };
      const direct = Object.entries(manifest.dependencies ?? {}).filter(
        ([dependency]) => !dependency.startsWith("@kunji/"),
      );
      expect(direct.length).toBeLessThanOrEqual(dependencyLimit[name] ?? 0);
      expect(direct.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    });
  }
});

describe("shared code knows no broker by name", () => {
  const lists = new Set([
    "dialects.ts",
    "brokers.ts",
    "demo.ts",
    "index.ts",
    "start-broker.ts",
    "upstox-login.ts",
    "tradejini-login.ts",
    "dialect-webhooks.ts",
  ]);
  for (const name of ["contract", "client", "keeper", "broker"]) {
    it(name, () => {
      const root = join(packages, name, "src");
      const shared = sources(root).filter(
        (file) => !/\/(?:upstox|tradejini)(?:\/|\.ts$)/.test(file) && !lists.has(file.split("/").at(-1) ?? ""),
      );
      const named = shared.filter((file) => imports(file).some((target) => /upstox|tradejini/.test(target)));
      expect(named.map((file) => file.slice(root.length))).toEqual([]);
    });
  }
});
