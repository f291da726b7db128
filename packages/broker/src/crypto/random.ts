import { randomFillSync } from "node:crypto";

/** A source of random bytes; handed in so that tests can fix it. */
export interface Randomness {
  /** A fresh buffer of `count` bytes that nobody else holds. */
  bytes(count: number): Buffer;
}

const POOL_SIZE = 8192;

/** The operating system's generator, drawn in blocks: one system call serves about a hundred tokens. */
export function systemRandomness(): Randomness {
  const pool = Buffer.allocUnsafe(POOL_SIZE);
  let used = POOL_SIZE;
  return {
    bytes(count) {
      if (count > POOL_SIZE) return randomFillSync(Buffer.allocUnsafe(count));
      if (used + count > POOL_SIZE) {
        randomFillSync(pool);
        used = 0;
      }
      const piece = Buffer.from(pool.subarray(used, used + count));
      // Handed-out bytes do not stay behind in the pool.
      pool.fill(0, used, used + count);
      used += count;
      return piece;
    },
  };
}

/** Uniform decimal digits (an SMS code). Rejection sampling: 256 is no multiple of 10. */
export function randomDigits(random: Randomness, count: number): string {
  let digits = "";
  while (digits.length < count) {
    for (const byte of random.bytes(count * 2)) {
      if (byte < 250 && digits.length < count) digits += byte % 10;
    }
  }
  return digits;
}
