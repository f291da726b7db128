import { hash } from "node:crypto";

/** Of SHA-256, in bytes. */
const BLOCK = 64;
const DIGEST = 32;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/**
 * A key for HMAC-SHA-256 (RFC 2104), with the two blocks that it turns into made once. `createHmac()` makes and collects
 * an object outside the heap for every digest, which takes twice as long; an exchange needs three digests.
 */
export class HmacKey {
  readonly #inner = Buffer.alloc(BLOCK, 0x36);
  readonly #outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);

  /** @param key at most 64 bytes: a longer one would have to be hashed first, and none of ours is */
  constructor(key: Uint8Array) {
    if (key.length === 0 || key.length > BLOCK) throw new RangeError(`a key of 1 to ${BLOCK} bytes is needed`);
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /** The HMAC of a text's UTF-8. */
  digest(text: string): Buffer {
    const input = Buffer.allocUnsafe(BLOCK + text.length * BYTES_PER_UNIT);
    input.set(this.#inner);
    const length = BLOCK + input.write(text, BLOCK);
    this.#outer.write(hash("sha256", input.subarray(0, length), "binary"), BLOCK, "latin1");
    return Buffer.from(hash("sha256", this.#outer, "binary"), "latin1");
  }
}
