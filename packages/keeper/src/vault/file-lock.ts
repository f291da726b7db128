import { withFirstEnd } from "../first-end.ts";
import type { FileSystem } from "./file-system.ts";
import { InOrder } from "./in-order.ts";
import { type HeldTicket, TicketQueue } from "./ticket-queue.ts";

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  readonly waiting?: (() => void) | undefined;
}

/** One lock of a file vault. Callers of this process queue in memory, so that a process has one ticket at most. */
export class FileLock {
  readonly #inOrder = new InOrder();
  readonly #queue: TicketQueue;
  readonly #closing = new AbortController();
  /** Those who have no ticket yet, or one that is not first. */
  readonly #entering = new Set<Promise<unknown>>();
  #held: HeldTicket | undefined;

  constructor(fs: FileSystem, folder: string) {
    this.#queue = new TicketQueue(fs, folder);
  }

  /** @param work gets the ticket, which is lost also when the lock is closed */
  async run<T>(work: (held: HeldTicket) => Promise<T>, { signal, waiting }: LockOptions = {}): Promise<T> {
    const ends = [this.#closing.signal, ...(signal ? [signal] : [])];
    return await withFirstEnd(ends, (stop) => this.#run(work, stop, waiting));
  }

  async #run<T>(
    work: (held: HeldTicket) => Promise<T>,
    stop: AbortSignal,
    waiting: (() => void) | undefined,
  ): Promise<T> {
    let tell = waiting;
    const tellOnce = () => {
      tell?.();
      tell = undefined;
    };
    if (this.#inOrder.isTaken) tellOnce();
    const leave = await this.#inOrder.enter(stop);
    try {
      const held = await this.#enter(stop, tellOnce);
      this.#held = held;
      // Closed in the very moment the turn came.
      if (this.#closing.signal.aborted) held.lose(this.#closing.signal.reason);
      try {
        return await work(held);
      } finally {
        await held.release();
      }
    } finally {
      this.#held = undefined;
      leave();
    }
  }

  /** Whoever waits or works is told to stop; the lock is free for others when this resolves. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    await Promise.allSettled(this.#entering);
    this.#held?.lose(reason);
    await this.#held?.release();
  }

  async #enter(signal: AbortSignal, waiting: () => void): Promise<HeldTicket> {
    const entering = this.#queue.enter(signal, waiting);
    this.#entering.add(entering);
    try {
      return await entering;
    } finally {
      this.#entering.delete(entering);
    }
  }
}
