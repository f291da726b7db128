import { expect, it } from "vitest";
import { restartDelay } from "../../src/serve/workers/restart-delay.ts";

it("a worker that ends is replaced at once, then ever later, and at least every half minute", () => {
  const delays = Array.from({ length: 12 }, (_, index) => restartDelay(index + 1));
  expect(delays.slice(0, 4)).toEqual([0, 500, 1_000, 2_000]);
  expect(delays).toEqual(delays.toSorted((a, b) => a - b));
  expect(delays.at(-1)).toBe(30_000);
  expect(restartDelay(1_000_000)).toBe(30_000);
});
