import { ForwardClock } from "./clock.ts";
import type { BrokerParts } from "./parts.ts";
import { raiseClockMark } from "./store/clock-mark.ts";
import { sweepExpired } from "./store/sweep.ts";

const EVERY_MS = 60_000;
/** Rows a sweep removes from one table at a time, so that it never holds the writer for long. */
const AT_ONCE = 500;

/**
 * One round: raises the clock's mark (S-114) and removes rows nobody needs any more, a few at a time.
 * @returns how many rows went from the fullest table
 */
export async function keepHouse({ db, clock }: Pick<BrokerParts, "db" | "clock">): Promise<number> {
  const now = clock.now();
  if (clock instanceof ForwardClock) clock.raise(await db.write(() => raiseClockMark(now)));
  return await db.write(() => sweepExpired(now, AT_ONCE));
}

/** Keeps house every minute, and at once again while there is more to remove. @returns a function that ends it */
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
      removed = await keepHouse(parts);
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
