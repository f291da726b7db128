import { Overloaded } from "../overloaded.ts";
import { MessageError, type MessageErrorCode, type MessageSender, type OutgoingMessage } from "./message-sender.ts";

const DEFAULT_CAPACITY = 1_000;
const DEFAULT_CONCURRENCY = 4;

/** What became of the messages since the start; for metrics. */
export interface SendCounts {
  /** Waiting or on their way now. */
  pending: number;
  sent: number;
  /** Not sent because the sender failed; each was reported. */
  failed: number;
  /** Not taken because the queue was full or closed. */
  refused: number;
}

/** A failure as it may be logged: which sender, what kind of message, what went wrong; no text, no address (S-96). */
export interface SendFailure {
  sender: MessageSender["kind"];
  kind: OutgoingMessage["kind"];
  /** `UNEXPECTED`: the sender threw something other than a MessageError. */
  code: MessageErrorCode | "UNEXPECTED";
  detail: string | undefined;
}

export interface SendQueueOptions {
  sender: MessageSender;
  /** Called once for each message that was taken and not sent. */
  onFailure: (failure: SendFailure) => void;
  /** Messages waiting at most (S-127). Default 1000. */
  capacity?: number | undefined;
  /** Messages on their way at a time. Default 4. */
  concurrency?: number | undefined;
}

/** No message can be taken now: the queue is full, or the server is stopping (S-124). */
export class SendQueueFull extends Overloaded {
  override readonly name = "SendQueueFull";

  constructor() {
    // A full queue means a sender that hangs: it is not empty again in a second.
    super("messages", 30);
  }
}

/**
 * Sends messages after the response that caused them: a request neither waits for a sender nor shows by its time
 * whether there was somebody to write to (S-43). Kept in memory only: what a crash loses, the person asks for again.
 */
export class SendQueue {
  readonly #sender: MessageSender;
  readonly #onFailure: (failure: SendFailure) => void;
  readonly #capacity: number;
  readonly #concurrency: number;
  /** `undefined` is a place that was kept and not used; see `withPlaces()`. */
  readonly #waiting: (OutgoingMessage | undefined)[] = [];
  readonly #stopping = new AbortController();
  readonly #counts = { sent: 0, failed: 0, refused: 0 };
  #underWay = 0;
  /** Places kept for messages that may still come. */
  #kept = 0;
  #isClosed = false;
  #isScheduled = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: SendQueueOptions) {
    this.#sender = options.sender;
    this.#onFailure = options.onFailure;
    this.#capacity = options.capacity ?? DEFAULT_CAPACITY;
    this.#concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
  }

  /**
   * Takes a message, without doing anything else in this turn of the event loop.
   * @returns false when the queue is full or closed. What it has taken it never drops for something newer.
   */
  enqueue(message: OutgoingMessage): boolean {
    if (!this.#hasRoom(1)) return false;
    this.#put(message);
    return true;
  }

  /**
   * Asks whether there is room now, before work is begun that ends in `withPlaces()`.
   * @throws SendQueueFull
   */
  requireRoom(count: number): void {
    if (!this.#hasRoom(count)) throw new SendQueueFull();
  }

  /**
   * Keeps places for the messages that `work` may send, so that nothing is written for a message the queue could not
   * take (S-124). Whether `work` sends any must not show (S-43): a place it does not use waits for its turn like a
   * message, so how full the queue is says nothing of whether somebody has the number that was asked for.
   * @param work gets the function that sends, without waiting; it may be called `count` times. When `work` fails, its
   * places are free again.
   * @throws SendQueueFull, before `work` is begun
   */
  async withPlaces<T>(count: number, work: (send: (message: OutgoingMessage) => void) => Promise<T>): Promise<T> {
    this.requireRoom(count);
    let left = count;
    this.#kept += count;
    const use = (message: OutgoingMessage | undefined) => {
      if (left === 0) throw new RangeError("more messages than places");
      left -= 1;
      this.#kept -= 1;
      this.#put(message);
    };
    try {
      const result = await work(use);
      while (left > 0) use(undefined);
      return result;
    } finally {
      this.#kept -= left;
    }
  }

  get counts(): SendCounts {
    return { pending: this.#waiting.length + this.#underWay, ...this.#counts };
  }

  /** Resolves as soon as nothing waits and nothing is on its way. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /**
   * Takes no more messages and waits for those taken.
   * @param signal when it is aborted, what is left is given up and reported as failed.
   */
  async close(signal?: AbortSignal): Promise<void> {
    this.#isClosed = true;
    const giveUp = () => this.#stopping.abort(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    if (signal?.aborted) giveUp();
    await this.idle();
    signal?.removeEventListener("abort", giveUp);
  }

  #hasRoom(count: number): boolean {
    const hasRoom = !this.#isClosed && this.#waiting.length + this.#kept + count <= this.#capacity;
    if (!hasRoom) this.#counts.refused += 1;
    return hasRoom;
  }

  #put(message: OutgoingMessage | undefined): void {
    this.#waiting.push(message);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startSome();
    });
  }

  #startSome(): void {
    while (this.#underWay < this.#concurrency && this.#waiting.length > 0) {
      const message = this.#waiting.shift();
      if (message === undefined) continue;
      this.#underWay += 1;
      const ended = () => {
        this.#underWay -= 1;
        if (this.#waiting.length > 0) this.#schedule();
        this.#tellWhenIdle();
      };
      // It rejects only when `onFailure` throws, and that must not stop the messages behind it.
      void this.#sendOne(message).then(ended, ended);
    }
    this.#tellWhenIdle();
  }

  async #sendOne(message: OutgoingMessage): Promise<void> {
    try {
      this.#stopping.signal.throwIfAborted();
      await this.#sender.send(message, this.#stopping.signal);
      this.#counts.sent += 1;
    } catch (error) {
      this.#counts.failed += 1;
      const known = error instanceof MessageError;
      this.#onFailure({
        sender: this.#sender.kind,
        kind: message.kind,
        code: known ? error.code : "UNEXPECTED",
        detail: known ? error.detail : undefined,
      });
    }
  }

  #tellWhenIdle(): void {
    if (this.#isIdle()) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay === 0;
  }
}
