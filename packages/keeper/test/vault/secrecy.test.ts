import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/secret.ts";
import type { Vault } from "../../src/vault/vault.ts";
import { failingFileSystem } from "./_failing-file-system.ts";
import { FACTORS, SESSION, SESSION_FILE, vaultFolder } from "./_vault-folder.ts";

const CANARY = "canary-7f3a9c";

/** Everything a log, a crash report or a debugger would print of it. */
function printed(value: unknown): string {
  const error = value instanceof Error ? `${value.stack}${JSON.stringify(value)}` : "";
  return `${inspect(value, { depth: 12, showHidden: true, getters: true })}${String(value)}${error}`;
}

/** Secrets of a vault's key file: each key as text, as hexadecimal and as bytes are printed. */
function keysIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const { keys } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { keys: string[] };
    const bytes = keys.map((key) => Buffer.from(key, "base64url"));
    return [...keys, ...bytes.map((key) => key.toString("hex")), ...bytes.map((key) => inspect(key).slice(8, 40))];
  });
}

describe("what a vault shows of itself (S-73, S-79)", () => {
  it("holds no content and no key: neither the vault nor its errors, whatever goes wrong", async () => {
    await using folder = vaultFolder();
    const disk = failingFileSystem();
    const vault = await folder.open({ fileSystem: disk.fileSystem });
    const failures: unknown[] = [];
    const failing = async (work: Promise<unknown>) => {
      failures.push(
        await work.then(
          () => "worked",
          (error: unknown) => error,
        ),
      );
    };
    const contents = [SESSION, FACTORS].map((name) => vault.write(name, CANARY));
    await Promise.all(contents);
    const secrets = [CANARY, ...keysIn(folder.keys)];
    for (const [step, code] of [
      [0, "ENOSPC"],
      [1, "EIO"],
      [2, "EDQUOT"],
      [4, "EROFS"],
    ] as const) {
      disk.failAt(step, code);
      await failing(vault.write(SESSION, `${CANARY} again`));
    }
    disk.failAt(-1, "EIO");
    chmodSync(folder.file(SESSION_FILE), 0o644);
    await failing(vault.read(SESSION));
    chmodSync(folder.file(SESSION_FILE), 0o600);
    writeFileSync(folder.file(SESSION_FILE), readFileSync(folder.file(SESSION_FILE)).subarray(1));
    await failing(vault.read(SESSION));
    await failing(vault.write({ ...SESSION, account: "No Name" }, CANARY));
    for (const name of readdirSync(folder.keys)) {
      writeFileSync(join(folder.keys, name), `{"vault":"${CANARY}","keys":["${CANARY}"]}`);
    }
    await failing(folder.open());
    await vault.close();
    await failing(vault.write(SESSION, CANARY));
    for (const shown of [printed(vault), ...failures.map(printed), JSON.stringify(vault)]) {
      expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
    }
    expect(failures.map((failure) => (failure instanceof Error ? "failed" : failure))).toEqual(Array(9).fill("failed"));
  });

  it("holds no passphrase", async () => {
    await using folder = vaultFolder();
    const passphrases = { main: new Secret(`${CANARY} of a passphrase`) };
    const keys = { main: "passphrase", factors: "passphrase", passphrases };
    const shown: unknown[] = [keys, await folder.open({ keys })];
    const wrong = { ...keys, passphrases: { main: new Secret(`${CANARY} but wrong`) } };
    shown.push(await folder.open({ keys: wrong }).catch((error: unknown) => error));
    shown.push(
      await folder
        .open({ keys: { main: "passphrase", passphrases: { main: new Secret(CANARY) } } })
        .catch((error: unknown) => error),
    );
    expect(shown.map(printed).join()).not.toContain(CANARY);
  });

  it("is nothing on the disk outside the key files", async () => {
    await using folder = vaultFolder();
    const vault: Vault = await folder.open();
    await vault.write(SESSION, CANARY);
    await vault.write(FACTORS, CANARY);
    await vault.rotateKey();
    const secrets = [CANARY, ...keysIn(folder.keys)];
    for (const name of readdirSync(folder.vault, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const bytes = readFileSync(join(name.parentPath, name.name));
      expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
    }
  });
});
