import type { Randomness } from "./random.ts";

const TIME_BYTES = 6;
const RANDOM_BYTES = 6;

/** Length of a row key in characters. */
export const ROW_KEY_LENGTH = (TIME_BYTES + RANDOM_BYTES) * 2;

const LOWEST = new Uint8Array(RANDOM_BYTES);
const HEX = /^[0-9a-f]{24}$/;

/**
 * A key that sorts by time of creation: 48 bits of epoch milliseconds, then 48 random bits, as 24 hex digits.
 * New rows land side by side at the end of the tree (design.md section 9: random keys cost SQLite half its
 * speed), and the random half keeps others from counting or guessing them. It is a locator, never a secret.
 */
export function newRowKey(epochMs: number, random: Randomness): string {
  return toRowKey(epochMs, random.bytes(RANDOM_BYTES));
}

/** The smallest row key of a moment: everything older sorts before it. */
export function rowKeyFloor(epochMs: number): string {
  return toRowKey(Math.max(0, epochMs), LOWEST);
}

/** Through bytes: `toString(16)` of a number above 2^31 takes V8 longer than all the rest. */
function toRowKey(epochMs: number, low: Uint8Array): string {
  const bytes = Buffer.allocUnsafe(TIME_BYTES + RANDOM_BYTES);
  bytes.writeUIntBE(epochMs, 0, TIME_BYTES);
  bytes.set(low, TIME_BYTES);
  return bytes.toString("hex");
}

export function isRowKey(text: string): boolean {
  return text.length === ROW_KEY_LENGTH && HEX.test(text);
}
