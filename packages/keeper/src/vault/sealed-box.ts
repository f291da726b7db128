/**
 * The one format of everything the vault seals: AES-256-GCM with a fresh 96-bit random nonce per write (S-91).
 *
 *     "KUNJI"  version  key id  written at (ms)  nonce     ciphertext   tag
 *     5 bytes  1 byte   8       8, big-endian    12        any length   16
 *
 * Authenticated with it: the header itself, and what the content is (kind, broker, account), so that an entry put in
 * another's place does not open; one of another vault does not either, whose key is another. With random nonces one key is good for 2^32 writes (NIST SP 800-38D 8.3).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** 256 bits, and the name they go by in headers. */
export interface VaultKey {
  /** 16 hexadecimal digits, derived from the key, so that two keys never share one. */
  readonly id: string;
  readonly key: KeyObject;
}

export interface BoxHeader {
  readonly keyId: string;
  /** Epoch milliseconds by the clock of the machine that sealed it. */
  readonly writtenAt: number;
}

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const MAGIC = Buffer.from("KUNJI\u0001", "latin1");
const KEY_ID_AT = MAGIC.length;
const WRITTEN_AT = KEY_ID_AT + 8;
const NONCE_AT = WRITTEN_AT + 8;
/** Length of the header, in bytes. */
export const HEADER_BYTES = NONCE_AT + 12;
const TAG_BYTES = 16;

export function freshKey(): VaultKey {
  return vaultKey(randomBytes(KEY_BYTES));
}

/** @param bytes 32 of them; they are overwritten with zeros, the key object keeps its own copy */
export function vaultKey(bytes: Buffer): VaultKey {
  if (bytes.length !== KEY_BYTES) throw new TypeError("a vault key has 32 bytes");
  const key = createSecretKey(bytes);
  bytes.fill(0);
  const id = createHmac("sha256", key).update("kunji vault key id").digest("hex").slice(0, 16);
  return { id, key };
}

/** @param context what the content is, in a fixed order; needed again to open it */
export function seal(key: VaultKey, context: readonly string[], content: Buffer, writtenAt: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.write(key.id, KEY_ID_AT, "hex");
  header.writeBigUInt64BE(BigInt(writtenAt), WRITTEN_AT);
  randomBytes(12).copy(header, NONCE_AT);
  const cipher = createCipheriv(CIPHER, key.key, header.subarray(NONCE_AT), { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(header, context));
  return Buffer.concat([header, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** @returns undefined for bytes that do not begin like a sealed box; nothing of the header is proven before `open` */
export function readHeader(box: Buffer): BoxHeader | undefined {
  if (box.length < HEADER_BYTES || !box.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  return {
    keyId: box.toString("hex", KEY_ID_AT, WRITTEN_AT),
    writtenAt: Number(box.readBigUInt64BE(WRITTEN_AT)),
  };
}

/** @returns the content; undefined when any byte differs, the context is another, or the key is not the one */
export function open(key: VaultKey, context: readonly string[], box: Buffer): Buffer | undefined {
  if (readHeader(box)?.keyId !== key.id || box.length < HEADER_BYTES + TAG_BYTES) return undefined;
  const header = box.subarray(0, HEADER_BYTES);
  const decipher = createDecipheriv(CIPHER, key.key, header.subarray(NONCE_AT), { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticated(header, context));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const content = decipher.update(box.subarray(HEADER_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([content, decipher.final()]);
  } catch {
    content.fill(0);
    return undefined;
  }
}

/** Each part after its length, so that no two contexts run together into the same bytes. */
function authenticated(header: Buffer, context: readonly string[]): Buffer {
  const parts = context.flatMap((text) => {
    const bytes = Buffer.from(text, "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat([header, ...parts]);
}
