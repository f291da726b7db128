import { Overloaded } from "../overloaded.ts";

/**
 * Writes that wait for a transaction in one process, at most. An engine commits some 20,000 a second, so the last one
 * of a full queue is answered in about 100 ms, and the one after it is refused at once (S-124).
 */
export const MOST_WAITING_WRITES = 2_000;

/** Too many writes wait already; this one was not begun. */
export class WriteQueueFull extends Overloaded {
  override readonly name = "WriteQueueFull";

  constructor() {
    super("writes", 1);
  }
}

/** What waits for the next transaction, oldest first. Both engines keep theirs in one of these. */
export class WriteQueue<Write> {
  readonly #most: number;
  #waiting: Write[] = [];

  /** @param most writes that wait at a time */
  constructor(most: number = MOST_WAITING_WRITES) {
    this.#most = most;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** @throws WriteQueueFull */
  add(write: Write): void {
    if (this.#waiting.length >= this.#most) throw new WriteQueueFull();
    this.#waiting.push(write);
  }

  /** Takes the oldest of those that wait. @param most how many at most */
  take(most: number): Write[] {
    return this.#waiting.splice(0, most);
  }

  /** Takes everything that waits. */
  takeAll(): Write[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }
}
