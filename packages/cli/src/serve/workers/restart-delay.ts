/** A worker that lived this long was well: the next one starts at once. */
export const WELL_AFTER_MS = 10_000;
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait before a worker is replaced. The first time not at all; a worker that ends again and again would
 * otherwise take the machine with it.
 * @param quickEnds workers in this place that ended soon, one after the other, the last one included
 */
export function restartDelay(quickEnds: number): number {
  return quickEnds <= 1 ? 0 : Math.min(FIRST_MS * 2 ** (quickEnds - 2), LONGEST_MS);
}
