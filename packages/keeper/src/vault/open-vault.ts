/**
 * Opens the vault that the environment names. Programs call this; libraries and tests name everything themselves.
 */
import { isAbsolute, join, resolve } from "node:path";
import { KeeperError } from "../keeper-error.ts";
import { Secret } from "../secret.ts";
import { openFileVault } from "./file-vault.ts";
import type { Vault } from "./vault.ts";
import type { AskPassphrase, GivenPassphrases, KeySettings } from "./vault-key.ts";

export interface OpenVaultOptions {
  /** Default: `process.env`. Passphrases are taken out of it. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** A folder or a `postgres://` URL. Default: KUNJI_VAULT, else `vault` in Kunji's data folder. */
  readonly vault?: string | undefined;
  readonly askPassphrase?: AskPassphrase | undefined;
  /** Told what the owner should know about where the key is. */
  readonly notice?: ((sentence: string) => void) | undefined;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
}

/**
 * Opens a vault by KUNJI_VAULT, KUNJI_HOME, KUNJI_VAULT_KEY, KUNJI_VAULT_FACTORS_KEY and the passphrases of
 * `takePassphrases`.
 * @throws KeeperError as `openFileVault` and `openPostgresVault`, and `USAGE` for a setting that makes no sense
 */
export async function openVault(options: OpenVaultOptions = {}): Promise<Vault> {
  const { env = process.env, askPassphrase, notice, now } = options;
  const folders = await kunjiFolders(env);
  const keys: KeySettings = {
    main: env.KUNJI_VAULT_KEY || undefined,
    factors: env.KUNJI_VAULT_FACTORS_KEY || undefined,
    keyFolder: folders.keys,
    passphrases: takePassphrases(env),
    askPassphrase,
    notice,
  };
  const vault = options.vault || env.KUNJI_VAULT || join(folders.data, "vault");
  if (/^postgres(?:ql)?:\/\//.test(vault)) {
    const { openPostgresVault } = await import("./postgres-vault.ts");
    return await openPostgresVault({ url: vault, keys, now });
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//.test(vault)) {
    throw new KeeperError("USAGE", "KUNJI_VAULT is neither a folder nor a postgres:// URL");
  }
  return await openFileVault({ directory: resolve(vault), keys, now });
}

export interface KunjiFolders {
  /** Holds `vault`, and what else a program keeps. */
  readonly data: string;
  /** Holds key files; never the data folder or below the vault. */
  readonly keys: string;
}

/** KUNJI_HOME with `vault` and `keys` in it, else the data and configuration folders of the operating system. */
export async function kunjiFolders(env: NodeJS.ProcessEnv = process.env): Promise<KunjiFolders> {
  const home = env.KUNJI_HOME;
  if (home) {
    if (!isAbsolute(home)) throw new KeeperError("USAGE", "KUNJI_HOME is not an absolute path");
    return { data: home, keys: join(home, "keys") };
  }
  const { default: envPaths } = await import("env-paths");
  const { data, config } = envPaths("kunji", { suffix: "" });
  return { data, keys: join(config, "keys") };
}

const taken = new WeakMap<NodeJS.ProcessEnv, GivenPassphrases>();

/**
 * Takes KUNJI_VAULT_PASSPHRASE, KUNJI_VAULT_FACTORS_PASSPHRASE and KUNJI_VAULT_NEW_PASSPHRASE out of an environment,
 * so that no child process inherits them (S-79). A later call for the same environment still gets them.
 * The kernel keeps showing the first environment of a process to its own user, in /proc: on machines where that
 * matters a key file or the keychain is the better choice.
 */
export function takePassphrases(env: NodeJS.ProcessEnv): GivenPassphrases {
  const before = taken.get(env) ?? {};
  const passphrases: GivenPassphrases = {
    main: take(env, "KUNJI_VAULT_PASSPHRASE") ?? before.main,
    factors: take(env, "KUNJI_VAULT_FACTORS_PASSPHRASE") ?? before.factors,
    next: take(env, "KUNJI_VAULT_NEW_PASSPHRASE") ?? before.next,
  };
  taken.set(env, passphrases);
  return passphrases;
}

function take(env: NodeJS.ProcessEnv, name: string): Secret | undefined {
  const text = env[name];
  delete env[name];
  return text ? new Secret(text) : undefined;
}
