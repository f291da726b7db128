/**
 * The keys of one domain of one vault, as a key source keeps them: one, or two while a rotation is under way.
 */
import { KeeperError } from "../keeper-error.ts";
import { freshKey, type VaultKey, vaultKey } from "./sealed-box.ts";

export interface KeyRing {
  /** Id of the vault they belong to; another vault must not take them over, or its rotation would drop them. */
  readonly vault: string;
  /** The current one first. Never empty. */
  readonly keys: readonly VaultKey[];
}

export function freshKeyRing(vault: string): KeyRing {
  return { vault, keys: [freshKey()] };
}

/** With a fresh current key; the old ones stay. */
export function withFreshKey({ vault, keys }: KeyRing): KeyRing {
  return { vault, keys: [freshKey(), ...keys] };
}

/** With the current key alone. */
export function withoutOldKeys({ vault, keys }: KeyRing): KeyRing {
  return { vault, keys: keys.slice(0, 1) };
}

export function currentKey({ keys: [current] }: KeyRing): VaultKey {
  if (current === undefined) throw new TypeError("a key ring is never empty");
  return current;
}

export function findKey({ keys }: KeyRing, id: string): VaultKey | undefined {
  return keys.find((key) => key.id === id);
}

/** One line of JSON. It is the secret itself: it goes to a key source and nowhere else. */
export function writeKeyRing({ vault, keys }: KeyRing): string {
  return JSON.stringify({ kunji: "vault key", vault, keys: keys.map(({ key }) => key.export().toString("base64url")) });
}

/** @returns undefined when it is not a key ring */
export function readKeyRing(text: string): KeyRing | undefined {
  const ring = parse(text);
  if (typeof ring !== "object" || ring === null || !("vault" in ring) || !("keys" in ring)) return undefined;
  const { vault, keys } = ring;
  if (typeof vault !== "string" || !Array.isArray(keys)) return undefined;
  const bytes = keys.map((key) => Buffer.from(typeof key === "string" ? key : "", "base64url"));
  if (bytes.length === 0 || bytes.some(({ length }) => length !== 32)) return undefined;
  return { vault, keys: bytes.map(vaultKey) };
}

/** Something else lies where the key should be. @param where as in `the key file /home/…` */
export function noVaultKey(where: string): KeeperError {
  return new KeeperError("VAULT_LOCKED", `${where} holds no vault key`, {
    nextStep: "Nothing was changed. Put the vault's own key back there, from a backup for instance.",
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
