import { hash, timingSafeEqual } from "node:crypto";
import type { HmacKey } from "./hmac-key.ts";

// A digest is taken as a latin1 text ("binary"), one character per byte, and put into Node's pooled memory. A buffer out of
// node:crypto is an allocation of its own outside the heap, which costs more to make and to collect than the digest.

/** SHA-256 of a text: enough for values that hold 256 random bits themselves (S-10, S-27). */
export function sha256(text: string): Buffer {
  return Buffer.from(hash("sha256", text, "binary"), "latin1");
}

/** HMAC-SHA-256 under a key that is not in the database: for anything a person could guess (S-20, S-44). */
export function keyedDigest(key: HmacKey, text: string): Buffer {
  return key.digest(text);
}

/** Compares two digests of one fixed length in constant time (S-21). */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
