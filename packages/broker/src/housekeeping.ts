import type { BrokerParts } from "./parts.ts";
import { sweepExpired } from "./store/sweep.ts";

const EVERY_MS = 60_000;
/** Rows a sweep removes from one table at a time, so that it never holds the writer for long. */
const AT_ONCE = 500;

/** Removes rows nobody needs any more, a few at a time. @returns a function that ends it */
export function startHousekeeping(parts: BrokerParts): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (wait: number) => {
    if (stopped) return;
    timer = setTimeout(() => void round(), wait);
    timer.unref();
  };
  const round = async () => {
    let removed = 0;
    try {
      removed = await parts.db.write(() => sweepExpired(parts.clock.now(), AT_ONCE));
    } catch {
      // A store that fails answers requests with 503 too; the next round tries again.
    }
    schedule(removed >= AT_ONCE ? 100 : EVERY_MS);
  };
  schedule(EVERY_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
