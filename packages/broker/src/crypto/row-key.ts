import type { Randomness } from "./random.ts";

const TIME_DIGITS = 12;
const RANDOM_BYTES = 6;

/** Length of a row key in characters. */
export const ROW_KEY_LENGTH = TIME_DIGITS + RANDOM_BYTES * 2;

const HEX = /^[0-9a-f]{24}$/;

/**
 * A key that sorts by time of creation: 48 bits of epoch milliseconds, then 48 random bits, as 24 hex digits.
 * New rows land side by side at the end of the tree (design.md section 9: random keys cost SQLite half its
 * speed), and the random half keeps others from counting or guessing them. It is a locator, never a secret.
 */
export function newRowKey(epochMs: number, random: Randomness): string {
  return epochMs.toString(16).padStart(TIME_DIGITS, "0") + random.bytes(RANDOM_BYTES).toString("hex");
}

/** The smallest row key of a moment: everything older sorts before it. */
export function rowKeyFloor(epochMs: number): string {
  return epochMs.toString(16).padStart(TIME_DIGITS, "0").padEnd(ROW_KEY_LENGTH, "0");
}

export function isRowKey(text: string): boolean {
  return text.length === ROW_KEY_LENGTH && HEX.test(text);
}
