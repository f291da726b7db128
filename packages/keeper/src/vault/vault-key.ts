/**
 * Where a vault's keys come from: the keychain of the operating system, a 0600 key file, or a passphrase (S-92).
 * There is no built-in default key. The main key and the key of the factors are chosen apart (S-78).
 */
import { isAbsolute, join, sep } from "node:path";
import { KeeperError } from "../keeper-error.ts";
import type { Secret } from "../secret.ts";
import type { KeyDomain } from "./entry-name.ts";
import { fileKeySource } from "./key-file.ts";
import type { KeyRing } from "./key-ring.ts";
import { type Keychain, keychainKeySource, openKeychain } from "./keychain-key.ts";
import { passphraseKeySource } from "./passphrase-key.ts";

export type KeySourceName = "keychain" | "file" | "passphrase";

/** Keeps the key ring of one domain of one vault. */
export interface KeySource {
  readonly name: KeySourceName;
  /** For messages: `the key file /home/…`. */
  readonly where: string;
  /**
   * @returns undefined when there is none yet
   * @throws KeeperError `VAULT_LOCKED` when there may be one that cannot be had, `VAULT_UNSAFE` when others may read it
   */
  readonly load: () => Promise<KeyRing | undefined>;
  /** Replaces the ring in one step. @param occasion a passphrase may be changed when a rotation begins */
  readonly save: (ring: KeyRing, occasion: "create" | "rotate" | "rotated") => Promise<void>;
}

/** What a person is asked for a passphrase. */
export interface PassphraseQuestion {
  /** Place of the vault, for the prompt. */
  readonly place: string;
  readonly domain: KeyDomain;
  /** `create` and `change` ask for a new one, better twice; `change` may be answered by undefined: keep the old one. */
  readonly reason: "open" | "create" | "change";
}

export type AskPassphrase = (question: PassphraseQuestion) => Promise<Secret | undefined>;

/** Passphrases that were given beforehand, by environment variables for instance. */
export interface GivenPassphrases {
  readonly main?: Secret | undefined;
  /** The main one when there is none. */
  readonly factors?: Secret | undefined;
  /** Taken at the next rotation. */
  readonly next?: Secret | undefined;
}

export interface KeySettings {
  /** `keychain`, `file`, `file:PATH` or `passphrase`; see `chooseKeySource` for what happens without. */
  readonly main?: string | undefined;
  readonly factors?: string | undefined;
  /** Folder of key files without a path of their own; absolute, and not inside the vault. */
  readonly keyFolder: string;
  readonly passphrases?: GivenPassphrases | undefined;
  readonly askPassphrase?: AskPassphrase | undefined;
  /** Told, as a sentence, when there is no keychain and a key file is taken instead. */
  readonly notice?: ((sentence: string) => void) | undefined;
  /** Tests hand one in. */
  readonly openKeychain?: (() => Promise<Keychain>) | undefined;
}

/** A few bytes that a vault keeps beside its entries: names and sealed rings, nothing readable. */
export interface KeyNotes {
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** In one step, durable. */
  readonly replace: (name: string, bytes: Buffer) => Promise<void>;
}

export interface KeyOwner {
  readonly vault: string;
  readonly domain: KeyDomain;
  /** Place of the vault, for messages. */
  readonly place: string;
  readonly notes: KeyNotes;
  /** Rejects when others may write to the vault by now; `KeyNotes.replace` asks by itself. */
  readonly requireExclusive: () => Promise<void>;
  readonly isShared: boolean;
}

/**
 * Chooses by the setting; else as the vault's manifest says it was made; else, for a new vault, the keychain where
 * there is one, because no copy of the disk holds it, and a key file where there is none: servers, containers, SSH.
 * The key file lies in the configuration folder and not in the data folder beside the vault, so that a copied or
 * backed-up vault alone opens nothing. It is named after the vault, so that two vaults never share a key.
 * A vault that several machines open gets a key file, which can be handed on.
 * @param made how the vault's key was kept so far
 */
export async function chooseKeySource(
  settings: KeySettings,
  owner: KeyOwner,
  made: KeySourceName | undefined,
): Promise<KeySource> {
  const setting = settings[owner.domain] ?? made;
  const openChain = settings.openKeychain ?? openKeychain;
  if (setting === undefined && !owner.isShared) {
    try {
      return keychainKeySource(await openChain(), owner);
    } catch {
      const file = defaultKeyFile(settings, owner);
      settings.notice?.(
        `This machine has no keychain that can be reached, so the vault's key goes into the file ${file}.`,
      );
      return keyFile(file, owner);
    }
  }
  if (setting === "keychain") return keychainKeySource(await openChain(), owner);
  if (setting === "passphrase") return passphraseKeySource(owner, settings.passphrases ?? {}, settings.askPassphrase);
  if (setting === undefined || setting === "file") return keyFile(defaultKeyFile(settings, owner), owner);
  return keyFile(keyFilePath(setting, owner.domain), owner);
}

/** What a program says to choose where the key is. */
export const KEY_SETTING: Readonly<Record<KeyDomain, string>> = {
  main: "KUNJI_VAULT_KEY",
  factors: "KUNJI_VAULT_FACTORS_KEY",
};

function keyFile(path: string, { place, domain, requireExclusive }: KeyOwner): KeySource {
  if (path.startsWith(place + sep)) {
    throw new KeeperError(
      "USAGE",
      `the key file ${path} lies inside the vault: a copy of the vault would hold its key`,
      {
        nextStep: `Set ${KEY_SETTING[domain]} to a file elsewhere.`,
      },
    );
  }
  return fileKeySource(path, requireExclusive);
}

function defaultKeyFile({ keyFolder }: KeySettings, { vault, domain }: KeyOwner): string {
  return join(keyFolder, domain === "main" ? `${vault}.key` : `${vault}.${domain}.key`);
}

function keyFilePath(setting: string, domain: KeyDomain): string {
  const path = setting.startsWith("file:") ? setting.slice("file:".length) : "";
  if (isAbsolute(path)) return path;
  throw new KeeperError(
    "USAGE",
    `${KEY_SETTING[domain]} is none of keychain, file, file:/absolute/path and passphrase`,
  );
}
