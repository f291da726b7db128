import type { RateLimiter } from "../http/rate-limit.ts";
import type { Tally } from "./tallies.ts";

/** Counts the calls that a quota refuses. */
export function countRefusals(quota: RateLimiter, refused: Tally): RateLimiter {
  return {
    take(key) {
      const wait = quota.take(key);
      if (wait > 0) refused.add();
      return wait;
    },
    forget: () => quota.forget(),
    get size() {
      return quota.size;
    },
  };
}
