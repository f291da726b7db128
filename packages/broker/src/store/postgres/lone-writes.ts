import { StoreUnavailable } from "../database.ts";
import type { WaitingWrite } from "./waiting-write.ts";

/** Writes at work at a time. Each has a connection of its own, so many of them would be many connections. */
const AT_ONCE = 2;
/** How long a write waits for its turn. Each one before it may wait for rows as long as it is allowed to. */
const PATIENCE_MS = 5_000;
/** Writes that wait for their turn at most: somebody sits on rows that many want, and more would wait in vain. */
const MOST_WAITING = 500;

/**
 * Writes that had to leave their group: each in a transaction of its own, oldest first. They wait for somebody else's rows
 * here, where nobody who has nothing to do with those rows waits behind them (S-122, S-124).
 */
export class LoneWrites {
  readonly #commit: (write: WaitingWrite) => Promise<void>;
  #waiting: { readonly write: WaitingWrite; readonly since: number }[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #patience: NodeJS.Timeout | undefined;

  /** @param commit runs a write and answers it; never rejects */
  constructor(commit: (write: WaitingWrite) => Promise<void>) {
    this.#commit = commit;
  }

  /** How many wait for their turn. */
  get length(): number {
    return this.#waiting.length;
  }

  add(write: WaitingWrite): void {
    if (this.#waiting.length >= MOST_WAITING) {
      giveUp([write]);
      return;
    }
    this.#waiting.push({ write, since: performance.now() });
    this.#start();
  }

  /** Resolves when everything that was added has been answered. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay);
  }

  #start(): void {
    while (this.#underWay.size < AT_ONCE) {
      const next = this.#waiting.shift();
      if (!next) break;
      const done = this.#commit(next.write).finally(() => {
        this.#underWay.delete(done);
        this.#start();
      });
      this.#underWay.add(done);
    }
    this.#watch();
  }

  /** Wakes up when the patience of the oldest one is at its end. */
  #watch(): void {
    clearTimeout(this.#patience);
    const [oldest] = this.#waiting;
    if (!oldest) return;
    const left = Math.max(oldest.since + PATIENCE_MS - performance.now(), 1);
    this.#patience = setTimeout(() => this.#giveUpOverdue(), left).unref();
  }

  #giveUpOverdue(): void {
    const now = performance.now();
    const isOverdue = ({ since }: { readonly since: number }) => now - since >= PATIENCE_MS;
    const overdue = this.#waiting.filter(isOverdue);
    this.#waiting = this.#waiting.filter((entry) => !isOverdue(entry));
    giveUp(overdue.map(({ write }) => write));
    this.#watch();
  }
}

function giveUp(writes: readonly WaitingWrite[]): void {
  const error = new StoreUnavailable("too many writes wait for rows that somebody keeps");
  for (const { reject } of writes) reject(error);
}
