import { ForwardClock } from "./clock.ts";
import type { BrokerParts } from "./parts.ts";
import { storeAuditHead } from "./store/audit-head.ts";
import { raiseClockMark } from "./store/clock-mark.ts";
import { sweepExpired } from "./store/sweep.ts";

const EVERY_MS = 60_000;
/** Rows a sweep removes from one table at a time, so that it never holds the writer for long. */
const AT_ONCE = 500;

/** What housekeeping needs of the world. */
export type HouseParts = Pick<BrokerParts, "db" | "clock" | "keys">;

/** Tells the operator. */
export type Alarm = (text: string) => void;

/**
 * One round: raises the clock's mark (S-114), moves the head of the audit chain (S-99) and removes rows nobody needs any
 * more, a few at a time.
 * @returns how many rows went from the fullest table
 */
export async function keepHouse(parts: HouseParts, alarm: Alarm = () => {}): Promise<number> {
  const { db, clock } = parts;
  const now = clock.now();
  if (clock instanceof ForwardClock) clock.raise(await db.write(() => raiseClockMark(now)));
  await keepAuditHead(parts, alarm);
  return await db.write(() => sweepExpired(now, AT_ONCE));
}

/**
 * Moves the head of the audit chain: at start, every minute and at the end. Rows that are cut off later than that show
 * at once, also while the broker runs.
 */
export async function keepAuditHead({ db, keys }: Pick<HouseParts, "db" | "keys">, alarm: Alarm): Promise<void> {
  if (await db.write(() => storeAuditHead(keys.audit))) return;
  alarm("audit rows were cut off or replaced: run kunji admin audit verify, and keep the database as it is");
}

/**
 * Keeps house every minute, and at once again while there is more to remove.
 * @param onFailure called when a round could not be done
 * @returns a function that ends it
 */
export function startHousekeeping(
  parts: HouseParts,
  alarm: Alarm,
  onFailure: (error: unknown) => void = () => {},
): () => void {
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
      removed = await keepHouse(parts, alarm);
    } catch (error) {
      // A store that fails answers requests with 503 too; the next round tries again.
      onFailure(error);
    }
    schedule(removed >= AT_ONCE ? 100 : EVERY_MS);
  };
  schedule(EVERY_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
