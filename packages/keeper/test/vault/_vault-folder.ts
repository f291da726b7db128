import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileSystem } from "../../src/vault/file-system.ts";
import { openFileVault } from "../../src/vault/file-vault.ts";
import type { EntryName, Vault } from "../../src/vault/vault.ts";
import type { KeySettings } from "../../src/vault/vault-key.ts";

export const SESSION: EntryName = { kind: "session", broker: "upstox", account: "default" };
export const FACTORS: EntryName = { kind: "factors", broker: "tradejini", account: "default" };

/** A folder with a vault and, beside it, the keys; gone with the test. */
export interface VaultFolder extends AsyncDisposable {
  readonly path: string;
  readonly vault: string;
  readonly keys: string;
  /** Path of a file of the vault. */
  readonly file: (name: string) => string;
  /** As one more process would. Closed with the folder. */
  readonly open: (options?: {
    readonly keys?: Partial<KeySettings>;
    readonly fileSystem?: FileSystem;
    readonly now?: () => number;
  }) => Promise<Vault>;
}

export function vaultFolder(parent = tmpdir()): VaultFolder {
  const path = mkdtempSync(join(parent, "kunji-vault-"));
  const vault = join(path, "vault");
  const keys = join(path, "keys");
  const opened: Vault[] = [];
  return {
    path,
    vault,
    keys,
    file: (name) => join(vault, name),
    async open({ keys: settings, ...options } = {}) {
      const one = await openFileVault({
        directory: vault,
        keys: { main: "file", factors: "file", keyFolder: keys, ...settings },
        ...options,
      });
      opened.push(one);
      return one;
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** The name of a session's file in the vault. */
export const SESSION_FILE = "upstox~default~session.sealed";
