import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../../", import.meta.url));
const manifest = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));

function importsOf(name: string): Set<string> {
  const folder = join(packages, name, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8"));
  const found = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import\()\s*"([^".][^"]*)"/g)].map((match) => match[1] ?? ""),
  );
  return new Set(found);
}

describe("run-time dependencies (S-129)", () => {
  it("of the client are the contract and nothing else", () => {
    expect(manifest("client").dependencies).toEqual({ "@kunji/contract": manifest("contract").version });
    expect(manifest("client")).not.toHaveProperty("peerDependencies");
    expect(manifest("client")).not.toHaveProperty("optionalDependencies");
  });

  it("of the contract are none", () => {
    expect(manifest("contract")).not.toHaveProperty("dependencies");
    expect([...importsOf("contract")]).toEqual([]);
  });

  it("are all that the client's sources import, beside Node", () => {
    const contract = ["@kunji/contract", "@kunji/contract/tradejini", "@kunji/contract/upstox"];
    const allowed = ["#platform", ...contract, "node:fs", "node:http", "node:https"];
    expect(allowed).toEqual(expect.arrayContaining([...importsOf("client")]));
  });
});
