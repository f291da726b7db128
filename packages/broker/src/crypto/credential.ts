import { sha256 } from "./digest.ts";
import type { Randomness } from "./random.ts";
import { isRowKey, newRowKey, ROW_KEY_LENGTH } from "./row-key.ts";

const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const SECRET_ALPHABET = /^[A-Za-z0-9_-]{43}$/;

/** What a caller presents: where its row is, and the digest to compare with the stored one. */
export interface PresentedCredential {
  readonly rowKey: string;
  readonly digest: Buffer;
}

export interface MintedCredential extends PresentedCredential {
  /** The credential itself: leaves the process once and is never stored. */
  readonly text: string;
}

/**
 * Makes an opaque credential (authorization code, token, session handle): prefix, row key, 256 random bits in
 * base64url (S-10, S-26). The row is found by its key; only the digest of the secret is stored (S-27).
 * @param prefix fixed and recognisable, for secret scanners; may be empty
 */
export function mintCredential(prefix: string, epochMs: number, random: Randomness): MintedCredential {
  const rowKey = newRowKey(epochMs, random);
  return sealCredential(prefix, rowKey, random.bytes(SECRET_BYTES));
}

/** Puts a credential together from a row key and 32 secret bytes. */
export function sealCredential(prefix: string, rowKey: string, secretBytes: Buffer): MintedCredential {
  const secret = secretBytes.toString("base64url");
  return { text: prefix + rowKey + secret, rowKey, digest: sha256(secret) };
}

/** The text alone, of a credential whose row is stored already. */
export function credentialText(prefix: string, rowKey: string, secretBytes: Buffer): string {
  return prefix + rowKey + secretBytes.toString("base64url");
}

/** Takes a presented credential apart; undefined when it cannot be one of ours. */
export function readCredential(prefix: string, text: string): PresentedCredential | undefined {
  if (text.length !== prefix.length + ROW_KEY_LENGTH + SECRET_LENGTH || !text.startsWith(prefix)) return undefined;
  const rowKey = text.slice(prefix.length, prefix.length + ROW_KEY_LENGTH);
  const secret = text.slice(prefix.length + ROW_KEY_LENGTH);
  if (!isRowKey(rowKey) || !SECRET_ALPHABET.test(secret)) return undefined;
  return { rowKey, digest: sha256(secret) };
}
