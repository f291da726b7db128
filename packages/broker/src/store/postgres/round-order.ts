import type { Statement, Value } from "../verb.ts";

/**
 * Sorts what goes out in one round by text and then by the text parameters, which hold the keys of rows. Two groups that
 * change the same rows then come to them in the same order, whatever order they were asked in: neither has what the other
 * one waits for.
 */
export function inRowOrder<Step extends { readonly statement: Statement }>(steps: readonly Step[]): Step[] {
  return steps.toSorted(({ statement: left }, { statement: right }) => {
    if (left.text !== right.text) return left.text < right.text ? -1 : 1;
    return compareTexts(left.params, right.params);
  });
}

function compareTexts(left: readonly Value[], right: readonly Value[]): number {
  for (const [position, ours] of left.entries()) {
    const theirs = right[position];
    if (typeof ours !== "string" || typeof theirs !== "string" || ours === theirs) continue;
    return ours < theirs ? -1 : 1;
  }
  return 0;
}
