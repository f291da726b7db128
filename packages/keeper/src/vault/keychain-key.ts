/**
 * Keys in the keychain of the operating system: macOS Keychain, Windows Credential Manager, Secret Service on Linux.
 */
import { KeeperError } from "../keeper-error.ts";
import { noVaultKey, readKeyRing, writeKeyRing } from "./key-ring.ts";
import type { KeyOwner, KeySource } from "./vault-key.ts";

export interface Keychain {
  /** @returns undefined when there is no such entry; rejects when the keychain cannot be read */
  readonly read: (account: string) => Promise<string | undefined>;
  readonly replace: (account: string, secret: string) => Promise<void>;
}

const SERVICE = "kunji";
/** Asked for once, to learn whether there is a keychain at all; never written. */
const PROBE = "probe";
/** Milliseconds. */
const PATIENCE = 60_000;

/**
 * The keychain of this machine, if one answers.
 * @throws KeeperError `VAULT_LOCKED` when there is none: no library for this platform, no session bus, locked
 */
export async function openKeychain(): Promise<Keychain> {
  try {
    // Loaded only here: a native module that has no build for every platform.
    const { AsyncEntry } = await import("@napi-rs/keyring");
    // The library's second choice on Linux is the kernel's keyring, which forgets everything at the next boot.
    const entry = (account: string) => new AsyncEntry(SERVICE, account, { linux: { store: "secret-service" } });
    await inTime(entry(PROBE).getPassword());
    return {
      read: async (account) => (await inTime(entry(account).getPassword())) ?? undefined,
      replace: (account, secret) => inTime(entry(account).setPassword(secret)),
    };
  } catch (error) {
    throw noKeychain(error);
  }
}

export function keychainKeySource(keychain: Keychain, { vault, domain, requireExclusive }: KeyOwner): KeySource {
  const account = domain === "main" ? vault : `${vault}/${domain}`;
  const where = `the keychain (service ${SERVICE}, account ${account})`;
  return {
    name: "keychain",
    where,
    async load() {
      const text = await keychain.read(account).catch((error: unknown) => {
        throw noKeychain(error);
      });
      if (text === undefined) return undefined;
      const ring = readKeyRing(text);
      if (ring === undefined) throw noVaultKey(where);
      return ring;
    },
    async save(ring) {
      await requireExclusive();
      await keychain.replace(account, writeKeyRing(ring)).catch((error: unknown) => {
        throw noKeychain(error);
      });
    },
  };
}

/** A keychain may ask its owner to unlock it; where nobody can see the question it would wait for ever. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer within a minute")), PATIENCE);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function noKeychain(error: unknown): KeeperError {
  return new KeeperError("VAULT_LOCKED", "the keychain of this machine cannot be reached from here", {
    // Only its text: a library's error might hold what was to be stored.
    cause: new Error(error instanceof Error ? error.message : "unknown"),
    nextStep:
      "Unlock it or run inside your desktop session. Servers and containers have none: set KUNJI_VAULT_KEY to file or passphrase there, before the vault is made.",
  });
}
