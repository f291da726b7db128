/**
 * Authenticated encryption of small values that must come back in the clear later, such as a token that waits for
 * its webhook delivery (S-69). What never has to come back is stored as a digest instead.
 *
 * A box is `version (1) | key id (4) | nonce (12) | ciphertext | tag (16)`. Version, key id and the caller's context
 * are authenticated with the ciphertext, so a box cannot be moved to another row or column and still open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const VERSION = 1;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;
const OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/** A 256-bit key. */
export type SealingKey = KeyObject | Buffer;

/**
 * Why a box did not open.
 * - `MALFORMED`: too short, or a version this program does not know.
 * - `WRONG_KEY`: sealed with another key; its id is in the message.
 * - `NOT_AUTHENTIC`: another context, or bytes that changed since sealing.
 */
export type SealedBoxErrorCode = "MALFORMED" | "WRONG_KEY" | "NOT_AUTHENTIC";

/** Thrown by {@link open}. Holds neither key, context nor content. */
export class SealedBoxError extends Error {
  readonly code: SealedBoxErrorCode;

  constructor(code: SealedBoxErrorCode, message: string) {
    super(message);
    this.name = "SealedBoxError";
    this.code = code;
  }
}

/**
 * Encrypts `plaintext` with AES-256-GCM under a fresh 96-bit nonce.
 * @param context says what the value is and whose, e.g. `webhook-token:<row id>`; {@link open} needs the same string.
 * @param random where the nonce comes from; only tests replace it, since a repeated nonce breaks GCM.
 * @throws TypeError when the key is not 32 bytes of secret key.
 */
export function seal(
  key: SealingKey,
  plaintext: Buffer | string,
  context: string,
  random: (size: number) => Buffer = randomBytes,
): Buffer {
  const secretKey = requireKey(key);
  const header = Buffer.concat([Buffer.of(VERSION), keyIdOf(secretKey)]);
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", secretKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(header, context));
  const body = typeof plaintext === "string" ? Buffer.from(plaintext, "utf8") : plaintext;
  return Buffer.concat([header, nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Decrypts what {@link seal} made.
 * @throws SealedBoxError when the box does not open; TypeError when the key is not 32 bytes of secret key.
 */
export function open(key: SealingKey, sealed: Uint8Array, context: string): Buffer {
  const secretKey = requireKey(key);
  const box = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (box.length < OVERHEAD_BYTES || box[0] !== VERSION) {
    throw new SealedBoxError("MALFORMED", "The sealed box is too short or of an unknown version.");
  }
  const header = box.subarray(0, HEADER_BYTES);
  const sealedWith = header.subarray(1);
  // The id is public and only tells keys apart, so it needs no constant-time comparison; the tag decides.
  if (!sealedWith.equals(keyIdOf(secretKey))) {
    throw new SealedBoxError("WRONG_KEY", `The box was sealed with another key (id ${sealedWith.toString("hex")}).`);
  }
  const nonce = box.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", secretKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(header, context));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const plaintext = decipher.update(box.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    plaintext.fill(0); // decrypted but not proven: nobody may see it
    throw new SealedBoxError("NOT_AUTHENTIC", "The sealed box was changed or belongs to another context.");
  }
}

function requireKey(key: SealingKey): KeyObject {
  const secretKey = Buffer.isBuffer(key) ? createSecretKey(key) : key;
  if (secretKey.type !== "secret" || secretKey.symmetricKeySize !== KEY_BYTES) {
    throw new TypeError("A sealing key must be 32 bytes of secret key.");
  }
  return secretKey;
}

function keyIdOf(secretKey: KeyObject): Buffer {
  return createHmac("sha256", secretKey).update("kunji sealed-box key id").digest().subarray(0, KEY_ID_BYTES);
}

function additionalData(header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, "utf8")]);
}
