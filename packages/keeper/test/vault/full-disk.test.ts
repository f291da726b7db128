import { readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../src/vault/file-system.ts";
import { failingFileSystem } from "./_failing-file-system.ts";
import { FACTORS, SESSION, vaultFolder } from "./_vault-folder.ts";

/** How many steps a piece of work takes when nothing fails. */
async function countSteps(
  work: (folder: ReturnType<typeof vaultFolder>, disk: ReturnType<typeof failingFileSystem>) => Promise<unknown>,
): Promise<number> {
  await using folder = vaultFolder();
  const disk = failingFileSystem();
  await work(folder, disk);
  return disk.steps.length;
}

describe.each(["ENOSPC", "EIO"])("a disk that says %s at any step (S-94)", (code) => {
  it("leaves the old or the new content after a write, and the vault goes on afterwards", async () => {
    await using folder = vaultFolder();
    const disk = failingFileSystem();
    const vault = await folder.open({ fileSystem: disk.fileSystem });
    await vault.write(SESSION, "content 0");
    disk.failAt(-1, code);
    await vault.write(SESSION, "content 1");
    const count = disk.steps.length;
    expect(count).toBeGreaterThan(5);
    for (let step = 0; step < count; step++) {
      disk.failAt(-1, code);
      await vault.write(SESSION, `old ${step}`);
      disk.failAt(step, code);
      const failure = await vault.write(SESSION, `new ${step}`).then(
        () => undefined,
        (error: unknown) => error,
      );
      const failed = disk.steps[step];
      disk.failAt(-1, code);
      const content = await (await folder.open()).read(SESSION);
      if (failure === undefined) expect(content, failed).toBe(`new ${step}`);
      else {
        expect(failure).toMatchObject({ code: "VAULT_UNAVAILABLE", message: expect.stringContaining(code) });
        expect([`old ${step}`, `new ${step}`], failed).toContain(content);
      }
    }
    expect(readdirSync(folder.vault).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("leaves a new vault that can be opened again", async () => {
    const count = await countSteps((folder, { fileSystem }) => folder.open({ fileSystem }));
    for (let step = 0; step < count; step++) {
      await using folder = vaultFolder();
      const disk = failingFileSystem();
      disk.failAt(step, code);
      await folder.open({ fileSystem: disk.fileSystem }).catch(() => {});
      const vault = await folder.open();
      await vault.write(SESSION, "a token");
      expect(await vault.read(SESSION)).toBe("a token");
    }
  });

  it("leaves a half rotation that opens with both keys, and a second one finishes it (S-95)", async () => {
    const prepare = async (folder: ReturnType<typeof vaultFolder>, disk: ReturnType<typeof failingFileSystem>) => {
      const vault = await folder.open({ fileSystem: disk.fileSystem });
      await vault.write(SESSION, "a token");
      await vault.write({ ...SESSION, kind: "account" }, "a secret");
      await vault.write(FACTORS, "a seed");
      disk.failAt(-1, code);
      return vault;
    };
    const count = await countSteps(async (folder, disk) => (await prepare(folder, disk)).rotateKey());
    expect(count).toBeGreaterThan(15);
    for (let step = 0; step < count; step++) {
      await using folder = vaultFolder();
      const disk = failingFileSystem();
      const vault = await prepare(folder, disk);
      disk.failAt(step, code);
      await vault.rotateKey().catch(() => {});
      disk.failAt(-1, code);
      const other = await folder.open();
      for (const reader of [vault, other]) {
        expect(await reader.read(SESSION), `step ${step}`).toBe("a token");
        expect(await reader.read(FACTORS), `step ${step}`).toBe("a seed");
      }
      await vault.write(SESSION, "written after");
      expect(await other.rotateKey()).toBe(3);
      expect(await vault.read(SESSION)).toBe("written after");
      expect(new Set((await (await folder.open()).list()).map(({ keyId }) => keyId)).size).toBe(2);
    }
  });
});

describe("a write that is acknowledged (S-94)", () => {
  it("is on the disk before it takes the old one's place, and that it did is on the disk, too", async () => {
    await using folder = vaultFolder();
    const disk = failingFileSystem();
    const vault = await folder.open({ fileSystem: disk.fileSystem });
    disk.failAt(-1, "");
    await vault.write(SESSION, "a token");
    const write = disk.steps.slice(disk.steps.indexOf("writeFile") - 1);
    // The first and the last step are the ticket's.
    expect(disk.steps[0]).toBe("create");
    expect(write).toEqual(["create", "writeFile", "sync", "rename", "sync", "unlink"]);
  });
});

describe("a rotation on a disk that loses what it was given", () => {
  it("keeps the old key until everything was read back with the new one (S-95)", async () => {
    await using folder = vaultFolder();
    let loses = false;
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      async rename(from, to) {
        await nodeFileSystem.rename(from, to);
        if (loses && String(to).endsWith(".sealed")) truncateSync(to, 40);
      },
    };
    const vault = await folder.open({ fileSystem });
    await vault.write(SESSION, "a token");
    const [key = ""] = readdirSync(folder.keys);
    const keys = () => JSON.parse(readFileSync(join(folder.keys, key), "utf8")).keys.length;
    expect(keys()).toBe(1);
    loses = true;
    await expect(vault.rotateKey()).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
    expect(keys()).toBe(2);
  });
});

describe("a rotation whose key source fails", () => {
  it("keeps everything under the old key when the new one does not come back as it was stored (S-95)", async () => {
    await using folder = vaultFolder();
    let kept = "";
    let forgets = false;
    const keychain = {
      read: async () => kept || undefined,
      replace: async (_account: string, secret: string) => {
        if (!forgets) kept = secret;
      },
    };
    const keys = { main: "keychain", openKeychain: async () => keychain };
    const vault = await folder.open({ keys });
    await vault.write(SESSION, "a token");
    const before = await vault.list();
    forgets = true;
    await expect(vault.rotateKey()).rejects.toMatchObject({ code: "VAULT_LOCKED" });
    expect(await vault.list()).toEqual(before);
    expect(await (await folder.open({ keys })).read(SESSION)).toBe("a token");
    forgets = false;
    expect(await vault.rotateKey()).toBe(1);
  });

  it("does not drop the old key while an entry cannot be read", async () => {
    await using folder = vaultFolder();
    const disk = failingFileSystem();
    let isBroken = false;
    const fileSystem: typeof disk.fileSystem = {
      ...disk.fileSystem,
      open: async (...words) => {
        if (isBroken && String(words[0]).includes("second~session.sealed")) {
          throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
        }
        return await disk.fileSystem.open(...words);
      },
    };
    const vault = await folder.open({ fileSystem });
    const second = { ...SESSION, account: "second" };
    await vault.write(SESSION, "first");
    await vault.write(second, "second");
    isBroken = true;
    await expect(vault.rotateKey()).rejects.toMatchObject({ code: "VAULT_UNAVAILABLE" });
    isBroken = false;
    const reader = await folder.open();
    expect([await reader.read(SESSION), await reader.read(second)]).toEqual(["first", "second"]);
  });
});

describe("a vault that vanishes while it is open", () => {
  it("says so, and is not made anew behind its owner's back", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    rmSync(folder.vault, { recursive: true });
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_UNAVAILABLE" });
    await expect(vault.write(SESSION, "late")).rejects.toMatchObject({ code: expect.stringMatching(/^VAULT_/) });
  });
});
