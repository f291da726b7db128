/**
 * A process that is stopped (Ctrl-Z, a suspended machine) while it holds the writer's lock loses it after a while. When
 * it goes on it knows nothing of that.
 */
import { readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../src/vault/file-system.ts";
import { SESSION, type VaultFolder, vaultFolder } from "./_vault-folder.ts";

const OTHER = { ...SESSION, account: "second" };

interface StoppingFileSystem {
  readonly fileSystem: FileSystem;
  /** How many steps were taken: looks for the own ticket, renames and removals. */
  readonly steps: () => number;
  /** Stops before this step, counted from 0, from now on. @returns resolves when it stands there */
  readonly stopAt: (step: number) => Promise<void>;
  readonly goOn: () => void;
}

function stoppingFileSystem(): StoppingFileSystem {
  let [taken, stopping] = [0, Number.POSITIVE_INFINITY];
  let [stands, goOn] = [() => {}, () => {}];
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (taken++ === stopping) {
      await new Promise<void>((resolve) => {
        goOn = resolve;
        stands();
      });
    }
    return await work();
  };
  return {
    steps: () => taken,
    stopAt: (number) =>
      new Promise((resolve) => {
        [taken, stopping, stands] = [0, number, resolve];
      }),
    goOn: () => goOn(),
    fileSystem: {
      ...nodeFileSystem,
      stat: ((...words: Parameters<typeof nodeFileSystem.stat>) =>
        step(() => nodeFileSystem.stat(...words))) as typeof nodeFileSystem.stat,
      rename: (...words) => step(() => nodeFileSystem.rename(...words)),
      // Of the ticket itself: nothing that matters happens there.
      unlink: (...words) => nodeFileSystem.unlink(...words),
    },
  };
}

/** As another process does that saw no heartbeat for so long. */
function takeTicketAway(folder: VaultFolder): void {
  const queue = folder.file("locks/writer");
  for (const ticket of readdirSync(queue)) unlinkSync(join(queue, ticket));
}

describe("a writer that was stopped, lost the lock and goes on (S-94)", () => {
  it.each([0, 1])("replaces nothing that was written since, stopped at step %i of a write", async (stop) => {
    await using folder = vaultFolder();
    const stopping = stoppingFileSystem();
    const [stopped, other] = [await folder.open({ fileSystem: stopping.fileSystem }), await folder.open()];
    await stopped.write(SESSION, "first");
    const stands = stopping.stopAt(stop);
    const write = stopped.write(SESSION, "late").catch((error: unknown) => error);
    await stands;
    takeTicketAway(folder);
    await other.write(SESSION, "of the next writer");
    stopping.goOn();
    expect(await write).toMatchObject({ code: "VAULT_UNAVAILABLE" });
    expect(await stopped.read(SESSION)).toBe("of the next writer");
    await stopped.write(SESSION, "in turn");
    expect(await other.read(SESSION)).toBe("in turn");
  });

  it("removes nothing that was written since", async () => {
    await using folder = vaultFolder();
    const stopping = stoppingFileSystem();
    const [stopped, other] = [await folder.open({ fileSystem: stopping.fileSystem }), await folder.open()];
    await stopped.write(SESSION, "first");
    const stands = stopping.stopAt(0);
    const removal = stopped.remove(SESSION).catch((error: unknown) => error);
    await stands;
    takeTicketAway(folder);
    await other.write(SESSION, "of the next writer");
    stopping.goOn();
    expect(await removal).toMatchObject({ code: "VAULT_UNAVAILABLE" });
    expect(await other.read(SESSION)).toBe("of the next writer");
  });

  it("loses no key and no entry, stopped at any step of a rotation while another rotates (S-95)", async () => {
    const steps = await rotate(Number.POSITIVE_INFINITY);
    expect(steps).toBeGreaterThanOrEqual(8);
    for (let stop = 0; stop < steps; stop++) await rotate(stop);
  });

  it("puts no old key in place of a new one: whoever stores a key takes away what was to become it", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    const [key = ""] = readdirSync(folder.keys);
    for (const name of [`${key}.0123456789ab.tmp`, "of-the-owner.tmp"]) writeFileSync(join(folder.keys, name), "");
    await vault.rotateKey();
    expect(readdirSync(folder.keys).sort()).toEqual([key, "of-the-owner.tmp"].sort());
  });
});

/** @returns how many steps a rotation has */
async function rotate(stop: number): Promise<number> {
  await using folder = vaultFolder();
  const stopping = stoppingFileSystem();
  const [stopped, other] = [await folder.open({ fileSystem: stopping.fileSystem }), await folder.open()];
  await stopped.write(SESSION, "a token");
  await stopped.write(OTHER, "another");
  const stands = stopping.stopAt(stop);
  const rotation = stopped.rotateKey().catch((error: unknown) => error);
  if (stop === Number.POSITIVE_INFINITY) {
    await rotation;
    return stopping.steps();
  }
  await stands;
  takeTicketAway(folder);
  await other.rotateKey();
  await other.write(SESSION, "newer");
  stopping.goOn();
  expect(await rotation, `step ${stop}`).toMatchObject({ code: "VAULT_UNAVAILABLE" });
  for (const vault of [stopped, other, await folder.open()]) {
    expect([await vault.read(SESSION), await vault.read(OTHER)], `step ${stop}`).toEqual(["newer", "another"]);
  }
  return stopping.steps();
}
