import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { KeeperError } from "../../src/keeper-error.ts";
import { Secret } from "../../src/secret.ts";
import type { Keychain } from "../../src/vault/keychain-key.ts";
import { kunjiFolders, openVault, takePassphrases } from "../../src/vault/open-vault.ts";
import { FACTORS, SESSION, SESSION_FILE, vaultFolder } from "./_vault-folder.ts";

const LOCKED = { code: "VAULT_LOCKED" };
const noKeychain = () => Promise.reject(new KeeperError("VAULT_LOCKED", "no session bus"));

/** What every keychain does, without one. */
function memoryKeychain(): Keychain & { readonly secrets: Map<string, string> } {
  const secrets = new Map<string, string>();
  return {
    secrets,
    read: async (account) => secrets.get(account),
    replace: async (account, secret) => {
      secrets.set(account, secret);
    },
  };
}

function keyFile(folder: string): string {
  const [name = ""] = readdirSync(folder).filter((file) => !file.includes("factors"));
  return join(folder, name);
}

describe("a vault whose key is missing or wrong (S-92)", () => {
  it("does not open, and gets no new key over its entries", async () => {
    await using folder = vaultFolder();
    await (await folder.open()).write(SESSION, "a token");
    const [sealed, key] = [readFileSync(folder.file(SESSION_FILE)), keyFile(folder.keys)];
    renameSync(key, join(folder.path, "kept"));
    await expect(folder.open()).rejects.toMatchObject({ ...LOCKED, message: expect.stringContaining("is missing") });
    expect(existsSync(key)).toBe(false);
    expect(readFileSync(folder.file(SESSION_FILE))).toEqual(sealed);
    renameSync(join(folder.path, "kept"), key);
    expect(await (await folder.open()).read(SESSION)).toBe("a token");
  });

  it("does not open without entries either: one that was made keeps its key", async () => {
    await using folder = vaultFolder();
    await folder.open();
    unlinkSync(keyFile(folder.keys));
    await expect(folder.open()).rejects.toMatchObject(LOCKED);
  });

  it("does not open with the key of another vault", async () => {
    await using folder = vaultFolder();
    await using other = vaultFolder();
    await (await folder.open()).write(SESSION, "a token");
    await other.open();
    const main = `file:${keyFile(other.keys)}`;
    await expect(folder.open({ keys: { main } })).rejects.toMatchObject(LOCKED);
    writeFileSync(keyFile(folder.keys), readFileSync(keyFile(other.keys)));
    await expect(folder.open()).rejects.toMatchObject(LOCKED);
    expect(readdirSync(folder.vault).filter((name) => name.includes("damaged"))).toEqual([]);
  });

  it("does not open with junk, an empty file or an older key of its own", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open();
    await vault.write(SESSION, "a token");
    const path = keyFile(folder.keys);
    const older = readFileSync(path);
    await vault.rotateKey();
    for (const content of [older, "", "{}", '{"vault":"x","keys":[]}', "null", '{"vault":"x","keys":["short"]}']) {
      writeFileSync(path, content);
      await expect(folder.open()).rejects.toMatchObject(LOCKED);
    }
  });

  it("does not open when its manifest is gone or damaged, and nothing is made anew", async () => {
    await using folder = vaultFolder();
    await (await folder.open()).write(SESSION, "a token");
    const manifest = readFileSync(folder.file("vault.json"));
    for (const content of ["", "{}", '{"format":2}', manifest.subarray(0, -9)]) {
      writeFileSync(folder.file("vault.json"), content);
      await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
    }
    unlinkSync(folder.file("vault.json"));
    await expect(folder.open()).rejects.toMatchObject(LOCKED);
    expect(existsSync(folder.file("vault.json"))).toBe(false);
    writeFileSync(folder.file("vault.json"), manifest, { mode: 0o600 });
    expect(await (await folder.open()).read(SESSION)).toBe("a token");
  });

  it("gets no new key over its entries when the manifest names none and the key is gone", async () => {
    await using folder = vaultFolder();
    await (await folder.open()).write(SESSION, "a token");
    const { main: _main, ...manifest } = JSON.parse(readFileSync(folder.file("vault.json"), "utf8")) as {
      main: unknown;
    };
    writeFileSync(folder.file("vault.json"), JSON.stringify(manifest));
    rmSync(folder.keys, { recursive: true });
    await expect(folder.open()).rejects.toMatchObject(LOCKED);
    expect(existsSync(folder.keys)).toBe(false);
  });

  it("is finished when its maker died between making the key and saying so", async () => {
    await using folder = vaultFolder();
    await folder.open();
    const manifest = JSON.parse(readFileSync(folder.file("vault.json"), "utf8")) as { main?: { keyId: string } };
    const keyId = manifest.main?.keyId;
    delete manifest.main;
    writeFileSync(folder.file("vault.json"), JSON.stringify(manifest));
    await (await folder.open()).write(SESSION, "a token");
    expect(await (await folder.open()).list()).toMatchObject([{ keyId }]);
  });
});

describe("the factors' key (S-78)", () => {
  it("is made only when factors are stored, and lives apart", async () => {
    await using folder = vaultFolder();
    const vault = await folder.open({ keys: { factors: `file:${folder.path}/stick/factors.key` } });
    await vault.write(SESSION, "a token");
    expect(await vault.read(FACTORS)).toBeUndefined();
    expect(existsSync(join(folder.path, "stick"))).toBe(false);
    await vault.write(FACTORS, "a seed");
    expect(existsSync(join(folder.path, "stick", "factors.key"))).toBe(true);
    rmSync(join(folder.path, "stick"), { recursive: true });
    const without = await folder.open({ keys: { factors: `file:${folder.path}/stick/factors.key` } });
    expect(await without.read(SESSION)).toBe("a token");
    await expect(without.read(FACTORS)).rejects.toMatchObject(LOCKED);
    await expect(without.write(FACTORS, "another")).rejects.toMatchObject(LOCKED);
    await without.write(SESSION, "still works");
    await expect(without.rotateKey()).rejects.toMatchObject(LOCKED);
    expect(await without.read(SESSION)).toBe("still works");
  });

  it("does not open with the main key", async () => {
    await using folder = vaultFolder();
    await (await folder.open()).write(FACTORS, "a seed");
    const vault = await folder.open({ keys: { factors: `file:${keyFile(folder.keys)}` } });
    await expect(vault.read(FACTORS)).rejects.toMatchObject(LOCKED);
  });
});

describe("a key file (S-92, S-93)", () => {
  it("is refused when others may read it, or when it is a link", async () => {
    await using folder = vaultFolder();
    await folder.open();
    const path = keyFile(folder.keys);
    chmodSync(path, 0o640);
    await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
    chmodSync(path, 0o400);
    await folder.open();
    renameSync(path, join(folder.path, "real"));
    symlinkSync(join(folder.path, "real"), path);
    await expect(folder.open()).rejects.toMatchObject({ code: "VAULT_UNSAFE" });
  });

  it("never lies inside the vault it opens", async () => {
    await using folder = vaultFolder();
    for (const keys of [{ main: `file:${folder.vault}/main.key` }, { keyFolder: folder.file("keys") }]) {
      await expect(folder.open({ keys })).rejects.toMatchObject({ code: "USAGE" });
    }
  });

  it.each(["file:relative", "file:", "nothing", "/path"])("is not said as %s", async (main) => {
    await using folder = vaultFolder();
    await expect(folder.open({ keys: { main } })).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("the keychain", () => {
  it("is taken when nothing is said and there is one; no key file is made then", async () => {
    await using folder = vaultFolder();
    const keychain = memoryKeychain();
    const keys = { main: undefined, factors: undefined, openKeychain: async () => keychain };
    const vault = await folder.open({ keys });
    await vault.write(SESSION, "a token");
    await vault.write(FACTORS, "a seed");
    await vault.rotateKey();
    expect(keychain.secrets.size).toBe(2);
    expect(existsSync(folder.keys)).toBe(false);
    expect(await (await folder.open({ keys })).read(FACTORS)).toBe("a seed");
  });

  it("gives way to a key file on a machine without one, and says so", async () => {
    await using folder = vaultFolder();
    const said: string[] = [];
    const notice = (sentence: string) => said.push(sentence);
    await folder.open({ keys: { main: undefined, openKeychain: noKeychain, notice } });
    expect(said).toEqual([expect.stringMatching(/no keychain .* into the file .*\.key/)]);
    expect(readdirSync(folder.keys)).toHaveLength(1);
    // From then on the manifest says where it is: a keychain that appears changes nothing.
    await folder.open({ keys: { main: undefined, openKeychain: async () => memoryKeychain() } });
  });

  it("is not replaced by a new key file when a vault that has its key there is opened without it", async () => {
    await using folder = vaultFolder();
    const keychain = memoryKeychain();
    await folder.open({ keys: { main: undefined, openKeychain: async () => keychain } });
    const keys = { main: undefined, openKeychain: noKeychain };
    await expect(folder.open({ keys })).rejects.toThrow("no session bus");
    expect(existsSync(folder.keys)).toBe(false);
  });

  it("is this machine's own, or is said to be out of reach in words a person can use", async () => {
    await using folder = vaultFolder();
    const { openKeychain } = await import("../../src/vault/keychain-key.ts");
    const answer = await openKeychain().catch((error: unknown) => error);
    if (answer instanceof Error) {
      expect(answer).toMatchObject({ ...LOCKED, nextStep: expect.stringContaining("KUNJI_VAULT_KEY") });
    } else {
      expect(answer).toMatchObject({ read: expect.any(Function) });
    }
    await folder.open();
  });
});

describe("a passphrase", () => {
  const passphrase = new Secret("correct horse battery staple");
  const keys = { main: "passphrase", factors: "passphrase", passphrases: { main: passphrase } };

  it("opens the vault; the salt is random, so that two vaults of one passphrase share nothing", async () => {
    await using folder = vaultFolder();
    await using other = vaultFolder();
    await (await folder.open({ keys })).write(SESSION, "a token");
    await other.open({ keys });
    expect(await (await folder.open({ keys })).read(SESSION)).toBe("a token");
    expect(existsSync(folder.keys)).toBe(false);
    const salts = [folder, other].map(({ file }) => readFileSync(file("main.ring")).toString("hex", 0, 32));
    expect(new Set(salts).size).toBe(2);
    writeFileSync(other.file("main.ring"), readFileSync(folder.file("main.ring")));
    await expect(other.open({ keys })).rejects.toMatchObject(LOCKED);
  });

  it("that is wrong or missing opens nothing and changes nothing", async () => {
    await using folder = vaultFolder();
    await (await folder.open({ keys })).write(SESSION, "a token");
    const before = readdirSync(folder.vault).sort();
    const wrong = { ...keys, passphrases: { main: new Secret("incorrect horse battery") } };
    const failure = await folder.open({ keys: wrong }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ ...LOCKED, message: expect.stringContaining("is wrong") });
    expect(inspect(failure)).not.toContain("horse");
    await expect(folder.open({ keys: { ...keys, passphrases: {} } })).rejects.toMatchObject({
      ...LOCKED,
      nextStep: expect.stringContaining("KUNJI_VAULT_PASSPHRASE"),
    });
    expect(readdirSync(folder.vault).sort()).toEqual(before);
  });

  it("is asked for, once per open, and refused when it is short", async () => {
    await using folder = vaultFolder();
    const asked: string[] = [];
    const ask = (answer: string) => ({
      main: "passphrase",
      askPassphrase: async ({ reason }: { reason: string }) => {
        asked.push(reason);
        return new Secret(answer);
      },
    });
    await expect(folder.open({ keys: ask("short") })).rejects.toMatchObject({ code: "USAGE" });
    await folder.open({ keys: ask("long enough for a vault") });
    await folder.open({ keys: ask("long enough for a vault") });
    expect(asked).toEqual(["create", "create", "open"]);
  });

  it("is changed by a rotation; the old one opens nothing then", async () => {
    await using folder = vaultFolder();
    const next = new Secret("another long passphrase");
    const vault = await folder.open({ keys: { ...keys, passphrases: { main: passphrase, next } } });
    await vault.write(SESSION, "a token");
    expect(await vault.rotateKey()).toBe(1);
    await expect(folder.open({ keys })).rejects.toMatchObject(LOCKED);
    expect(await (await folder.open({ keys: { ...keys, passphrases: { main: next } } })).read(SESSION)).toBe("a token");
    expect(await vault.read(SESSION)).toBe("a token");
  });
});

describe("the environment", () => {
  it("loses its passphrases at the first look, and the same process still has them at the second (S-79)", () => {
    const env: NodeJS.ProcessEnv = { KUNJI_VAULT_PASSPHRASE: "canary-passphrase", KUNJI_VAULT_NEW_PASSPHRASE: "next" };
    expect(takePassphrases(env).main?.reveal()).toBe("canary-passphrase");
    expect(env).toEqual({});
    expect(takePassphrases(env).next?.reveal()).toBe("next");
    expect(takePassphrases({}).main).toBeUndefined();
  });

  it("says where the vault and the keys are; a copy of the one does not hold the other", async () => {
    await using folder = vaultFolder();
    const env = { KUNJI_HOME: folder.path, KUNJI_VAULT_KEY: "file" };
    await using vault = await openVault({ env });
    expect(vault.place).toBe(folder.vault);
    expect(readdirSync(folder.keys)).toHaveLength(1);
    const { data, keys } = await kunjiFolders({});
    expect(keys.startsWith(data)).toBe(false);
  });

  it("is refused where it makes no sense", async () => {
    const usage = { code: "USAGE" };
    await expect(openVault({ env: { KUNJI_HOME: "relative" } })).rejects.toMatchObject(usage);
    await expect(openVault({ env: { KUNJI_VAULT: "mysql://host/db" } })).rejects.toMatchObject(usage);
  });
});
