import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeFileSystem } from "../../src/vault/file-system.ts";
import { SESSION, SESSION_FILE, vaultFolder } from "./_vault-folder.ts";

const OTHER = { ...SESSION, account: "second" };
const OTHER_FILE = "upstox~second~session.sealed";
const asides = (folder: string) => readdirSync(folder).filter((name) => name.includes(".damaged-"));
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("the folder of a vault (S-93)", () => {
  it("is closed to others with everything in it, whatever the umask", async () => {
    await using folder = vaultFolder();
    const umask = process.umask(0);
    try {
      const vault = await folder.open();
      await vault.write(SESSION, "a token");
      await vault.withLock(SESSION, async () => {
        for (const path of [folder.vault, folder.file("locks"), folder.file("locks/upstox~default"), folder.keys]) {
          expect(modeOf(path), path).toBe("700");
        }
        const [ticket = ""] = readdirSync(folder.file("locks/upstox~default"));
        for (const path of [
          folder.file(SESSION_FILE),
          folder.file("vault.json"),
          folder.file(`locks/upstox~default/${ticket}`),
          ...readdirSync(folder.keys).map((name) => join(folder.keys, name)),
        ]) {
          expect(modeOf(path), path).toBe("600");
        }
      });
    } finally {
      process.umask(umask);
    }
  });

  it.each([0o750, 0o705, 0o701, 0o777])("is refused with mode %o, and so is every use of it", async (mode) => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    chmodSync(folder.vault, mode);
    const unsafe = { code: "VAULT_UNSAFE", message: expect.stringContaining("is open to other users") };
    await expect(folder.open()).rejects.toMatchObject(unsafe);
    await expect(vault.read(SESSION)).rejects.toMatchObject(unsafe);
    await expect(vault.write(SESSION, "another")).rejects.toMatchObject(unsafe);
    await expect(vault.list()).rejects.toMatchObject(unsafe);
    chmodSync(folder.vault, 0o700);
    expect(await vault.read(SESSION)).toBe("a token");
  });

  it("is refused when it is a link, a dangling link or a file", async () => {
    await using folder = vaultFolder();
    await (await folder.open()).close();
    const elsewhere = join(folder.path, "elsewhere");
    renameSync(folder.vault, elsewhere);
    symlinkSync(elsewhere, folder.vault);
    await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    unlinkSync(folder.vault);
    symlinkSync(join(folder.path, "nowhere"), folder.vault);
    await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    expect(existsSync(join(folder.path, "nowhere"))).toBe(false);
    unlinkSync(folder.vault);
    writeFileSync(folder.vault, "");
    await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
  });

  it("is refused when its folder of locks is a link", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    renameSync(folder.file("locks"), join(folder.path, "locks"));
    symlinkSync(join(folder.path, "locks"), folder.file("locks"));
    await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    await vault.close();
  });

  it("is refused when it belongs to somebody else", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    // Only root can give a file away; what others would see is the same for everybody.
    const fileSystem = {
      ...nodeFileSystem,
      lstat: async (...[path]: Parameters<typeof nodeFileSystem.lstat>) => {
        const stats = await nodeFileSystem.lstat(path, { bigint: true });
        stats.uid = BigInt(12_345);
        return stats;
      },
    } as unknown as typeof nodeFileSystem;
    await expect(folder.open({ fileSystem })).rejects.toMatchObject({
      code: "VAULT_UNSAFE",
      message: expect.stringContaining("belongs to another user"),
    });
  });
});

describe("a file of the vault (S-93)", () => {
  it.each([0o640, 0o604, 0o620])("is refused with mode %o, and not overwritten", async (mode) => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    const before = readFileSync(folder.file(SESSION_FILE));
    chmodSync(folder.file(SESSION_FILE), mode);
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    await expect(vault.write(SESSION, "another")).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    expect(readFileSync(folder.file(SESSION_FILE))).toEqual(before);
  });

  it("is refused when it is a link, a folder or a pipe", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    const target = join(folder.path, "target");
    writeFileSync(target, "mine", { mode: 0o600 });
    symlinkSync(target, folder.file(SESSION_FILE));
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    await expect(vault.write(SESSION, "a token")).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    expect(readFileSync(target, "utf8")).toBe("mine");
    unlinkSync(folder.file(SESSION_FILE));
    mkdirSync(folder.file(SESSION_FILE), { mode: 0o700 });
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
  });

  it("is refused when it is larger than anything Kunji writes", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    writeFileSync(folder.file(SESSION_FILE), Buffer.alloc(2 << 20), { mode: 0o600 });
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
  });

  it("is written beside a hard link to its old content, never into it", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "old");
    const backup = join(folder.path, "backup");
    linkSync(folder.file(SESSION_FILE), backup);
    const before = readFileSync(backup);
    await vault.write(SESSION, "new");
    expect(readFileSync(backup)).toEqual(before);
    expect(await vault.read(SESSION)).toBe("new");
  });
});

describe("an entry that does not open (S-91, S-95)", () => {
  it("is set aside with its time and reported, for every byte that was flipped", async () => {
    await using folder = vaultFolder();
    let now = Date.UTC(2026, 7, 3, 4, 5, 6, 789);
    const vault = await folder.open({ now: () => now });
    await vault.write(SESSION, "a token");
    const good = readFileSync(folder.file(SESSION_FILE));
    for (let at = 0; at < good.length; at++) {
      now += 1;
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      writeFileSync(folder.file(SESSION_FILE), flipped, { mode: 0o600 });
      await expect(vault.read(SESSION), `byte ${at}`).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
      expect(await vault.read(SESSION)).toBeUndefined();
      const time = new Date(now).toISOString().replaceAll(/[:.]/g, "-");
      expect(readFileSync(folder.file(`${SESSION_FILE}.damaged-${time}`))).toEqual(flipped);
    }
    expect(asides(folder.vault)).toHaveLength(good.length);
    expect(await vault.list()).toEqual([]);
  });

  it("is set aside before something is written in its place", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "old");
    const damaged = readFileSync(folder.file(SESSION_FILE)).subarray(0, -1);
    writeFileSync(folder.file(SESSION_FILE), damaged, { mode: 0o600 });
    await vault.write(SESSION, "new");
    expect(await vault.read(SESSION)).toBe("new");
    const [aside = ""] = asides(folder.vault);
    expect(readFileSync(folder.file(aside))).toEqual(damaged);
  });

  it("is one that was swapped with another or copied over it", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "of the first");
    await vault.write(OTHER, "of the second");
    copyFileSync(folder.file(SESSION_FILE), folder.file("copy"));
    copyFileSync(folder.file(OTHER_FILE), folder.file(SESSION_FILE));
    renameSync(folder.file("copy"), folder.file(OTHER_FILE));
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
    await expect(vault.read(OTHER)).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
  });

  it("is no other kind of the same account, and not the same entry of another vault", async () => {
    await using folder = vaultFolder();
    await using stranger = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a session");
    copyFileSync(folder.file(SESSION_FILE), folder.file("upstox~default~account.sealed"));
    await expect(vault.read({ ...SESSION, kind: "account" })).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
    const other = await stranger.open();
    copyFileSync(folder.file(SESSION_FILE), stranger.file(SESSION_FILE));
    await expect(other.read(SESSION)).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
  });

  it("can be removed like any other", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    writeFileSync(folder.file(SESSION_FILE), "junk", { mode: 0o600 });
    expect(await vault.remove(SESSION)).toBe(true);
    expect(asides(folder.vault)).toEqual([]);
  });
});

describe("what is left of writers that were killed (S-94)", () => {
  it("is swept by the next writer, and nothing else is", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    writeFileSync(folder.file(`${SESSION_FILE}.0123456789ab.tmp`), "half", { mode: 0o600 });
    writeFileSync(folder.file("vault.json.0123456789ab.tmp"), "", { mode: 0o600 });
    writeFileSync(folder.file("notes.txt"), "of the owner");
    const next = await folder.open();
    expect(await next.read(SESSION)).toBe("a token");
    await next.write(SESSION, "another");
    expect(readdirSync(folder.vault).sort()).toEqual(["locks", "notes.txt", SESSION_FILE, "vault.json"]);
  });
});

describe("watching an entry whose file cannot be looked at", () => {
  it("ends no program: it is told as a change, and whoever reads then hears what is wrong", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    let told = 0;
    const stop = vault.watch(SESSION, () => {
      told += 1;
    });
    // A link to itself: what the system says of it is an error, as of a disk that fails or a share that is away.
    unlinkSync(folder.file(SESSION_FILE));
    symlinkSync(SESSION_FILE, folder.file(SESSION_FILE));
    await expect.poll(() => told).toBeGreaterThan(0);
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    await expect(vault.revision(SESSION)).rejects.toMatchObject({ code: "VAULT_UNAVAILABLE" });
    vault.watch(SESSION, () => {})();
    const before = told;
    unlinkSync(folder.file(SESSION_FILE));
    await expect.poll(() => told).toBeGreaterThan(before);
    expect(await vault.read(SESSION)).toBeUndefined();
    stop();
  });
});
