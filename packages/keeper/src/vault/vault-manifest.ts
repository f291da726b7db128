/**
 * The one note of a vault that is not sealed: its id and which keys it was made with. No secret; it is what lets a
 * vault whose key is missing be told from a new one (S-92).
 */
import { randomBytes } from "node:crypto";
import { KeeperError } from "../keeper-error.ts";
import type { KeyDomain } from "./entry-name.ts";
import type { KeyNotes, KeySourceName } from "./vault-key.ts";

export interface KeyRecord {
  readonly source: KeySourceName;
  /** Of the current key. */
  readonly keyId: string;
}

export interface VaultManifest {
  /** 16 hexadecimal digits. */
  readonly vault: string;
  readonly main: KeyRecord | undefined;
  readonly factors: KeyRecord | undefined;
}

export const MANIFEST = "vault.json";
const SOURCES: readonly unknown[] = ["keychain", "file", "passphrase"] satisfies KeySourceName[];
const ID = /^[0-9a-f]{16}$/;

export function freshManifest(): VaultManifest {
  return { vault: randomBytes(8).toString("hex"), main: undefined, factors: undefined };
}

/**
 * @returns undefined when there is none
 * @throws KeeperError `VAULT_DAMAGED` when it cannot be read; then nothing of the vault is touched
 */
export async function readManifest(notes: KeyNotes, place: string): Promise<VaultManifest | undefined> {
  const bytes = await notes.read(MANIFEST);
  if (bytes === undefined) return undefined;
  const manifest = parseManifest(bytes.toString("utf8"));
  if (manifest !== undefined) return manifest;
  throw new KeeperError("VAULT_DAMAGED", `${MANIFEST} of the vault ${place} is damaged or of a newer version`, {
    nextStep: "Nothing was changed. Put it back from a backup, or update Kunji.",
  });
}

export async function writeManifest(notes: KeyNotes, { vault, ...keys }: VaultManifest): Promise<void> {
  await notes.replace(MANIFEST, Buffer.from(`${JSON.stringify({ format: 1, vault, ...keys })}\n`, "utf8"));
}

function parseManifest(text: string): VaultManifest | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json) || json.format !== 1) return undefined;
  const { vault } = json;
  const [main, factors] = (["main", "factors"] satisfies KeyDomain[]).map((domain) => readKeyRecord(json[domain]));
  if (typeof vault !== "string" || !ID.test(vault) || main === "damaged" || factors === "damaged") return undefined;
  return { vault, main, factors };
}

function readKeyRecord(json: unknown): KeyRecord | undefined | "damaged" {
  if (json === undefined) return undefined;
  if (!isRecord(json) || !isSource(json.source)) return "damaged";
  const { source, keyId } = json;
  return typeof keyId === "string" && ID.test(keyId) ? { source, keyId } : "damaged";
}

function isSource(value: unknown): value is KeySourceName {
  return SOURCES.includes(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
