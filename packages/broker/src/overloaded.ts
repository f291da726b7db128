/** The queues whose length is bounded, as metrics and logs name them. */
export type BoundedQueue = "messages" | "pin-checks" | "writes";

/**
 * A bounded queue is full, so what was asked for was not begun (S-124). Answered 503 with Retry-After wherever it comes
 * up: in the dialect's shape to a program, as a page to a person.
 */
export class Overloaded extends Error {
  override readonly name: string = "Overloaded";
  readonly queue: BoundedQueue;
  /** When a new try is worth making. */
  readonly retryAfterSeconds: number;

  constructor(queue: BoundedQueue, retryAfterSeconds: number) {
    super(`too much waits in the queue of ${queue}`);
    this.queue = queue;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
