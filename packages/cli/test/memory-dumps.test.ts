import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepMemoryOutOfDumps } from "../src/memory-dumps.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kunji-dumps-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("what a core dump may hold (S-79)", () => {
  it("is nothing, where a process can say so", async () => {
    const filter = join(folder, "filter");
    await writeFile(filter, "00000033");
    expect(keepMemoryOutOfDumps("linux", filter)).toBe(true);
    expect(await readFile(filter, "utf8")).toBe("0");
  });

  it("is for the operator to settle, where it cannot", () => {
    expect(keepMemoryOutOfDumps("linux", join(folder, "no", "such"))).toBe(false);
    expect(keepMemoryOutOfDumps("darwin", join(folder, "filter"))).toBe(false);
  });
});
