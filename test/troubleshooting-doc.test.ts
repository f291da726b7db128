import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");

it("docs/troubleshooting.md says what to do about every code of KeeperError, and about no other", () => {
  const [, union = ""] =
    /export type KeeperErrorCode =([^;]+);/.exec(read("packages/keeper/src/keeper-error.ts")) ?? [];
  const codes = [...union.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(0);
  const byCode = read("docs/troubleshooting.md").split("\n## ")[1] ?? "";
  expect([...byCode.matchAll(/^### `([A-Z_]+)`\n\n\S/gm)].map(([, code]) => code)).toEqual(codes);
});
