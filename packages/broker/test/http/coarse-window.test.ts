import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CoarseWindow } from "../../src/http/coarse-window.ts";

const START = 1_800_000 * 1_000;

/** Calls one after the other, `gap` milliseconds apart. @returns when each that passed was made */
function callsThatPass(window: CoarseWindow, gaps: Iterable<number>): number[] {
  const passed: number[] = [];
  let at = START;
  for (const gap of gaps) {
    at += gap;
    if (window.wait(at) > 0) continue;
    window.add(at);
    passed.push(at);
  }
  return passed;
}

describe("a window of a large quota (S-127)", () => {
  it("remembers a bounded number of moments, however the calls come", () => {
    for (const gap of [0, 1, 7, 899, 14_000, 15_000]) {
      const window = new CoarseWindow(2_000, 1_800_000);
      let most = 0;
      for (let call = 0; call < 20_000; call++) {
        callsThatPass(window, [call * gap]);
        most = Math.max(most, window.size);
      }
      // 128 in the window, the one that leaves it, and those it has not cut off yet.
      expect(most).toBeLessThanOrEqual(128 + 2 + 64);
    }
  });

  it("lets no more than the quota pass in any span of its length (property)", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 300, maxLength: 1_500 });
    fc.assert(
      fc.property(gaps, (list) => {
        const [limit, length] = [200, 3_000];
        const passed = callsThatPass(new CoarseWindow(limit, length), list);
        for (const [index, at] of passed.entries()) {
          const before = passed[index - limit];
          if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("holds a call up by no more than a 128th of its length", () => {
    const window = new CoarseWindow(200, 12_800);
    // Calls in pairs, 90 ms apart: within the 100 ms of one moment.
    for (let pair = 0; pair < 100; pair++) for (const at of [0, 90]) window.add(START + pair * 128 + at);
    expect(window.wait(START + 12_700)).toBe(190);
    expect(window.wait(START + 12_890)).toBe(0);
  });

  it("neither hands out a fresh quota nor blocks when the clock is set back (S-113)", () => {
    const window = new CoarseWindow(200, 10_000);
    for (let call = 0; call < 200; call++) window.add(START + call);
    expect(window.wait(START - 1)).toBeGreaterThan(0);
    expect(window.wait(START - 86_400_000)).toBe(0);
  });
});
