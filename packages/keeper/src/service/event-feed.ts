import { randomBytes } from "node:crypto";
import type { AccountId } from "../account.ts";
import type { KeeperEvent } from "../keeper-events.ts";

/** An event as listeners of the service get it. Holds no token. */
export interface FeedEvent extends AccountId {
  /** Grows with every event; `Last-Event-ID` continues after it. */
  readonly id: string;
  readonly type: KeeperEvent["type"];
  /** Epoch seconds. */
  readonly at: number;
  /** End of the session this is about, epoch seconds. */
  readonly expiresAt: number | undefined;
}

/** What continues after an id: the events since, or word that some of them are lost. */
export type Continuation = { readonly missed: readonly FeedEvent[] } | { readonly gap: true };

const KEPT = 256;

/** The last events, numbered, and whoever listens. An id names the start it belongs to, so none is mistaken later. */
export class EventFeed {
  readonly #start = randomBytes(6).toString("hex");
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  readonly #now: () => number;
  #kept: FeedEvent[] = [];
  #count = 0;

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  publish({ type, broker, account, expiresAt }: KeeperEvent): void {
    const id = `${this.#start}-${++this.#count}`;
    const event = { id, type, broker, account, at: Math.floor(this.#now() / 1000), expiresAt };
    this.#kept = [...this.#kept.slice(1 - KEPT), event];
    for (const listener of this.#listeners) listener(event);
  }

  /** The id that a listener who joins now continues from. */
  get position(): string {
    return `${this.#start}-${this.#count}`;
  }

  /** @param id as an earlier stream gave it, of this start or of another */
  after(id: string): Continuation {
    const [start, number = ""] = id.split("-");
    const seen = /^\d{1,15}$/.test(number) ? Number(number) : Number.NaN;
    if (start !== this.#start || !(seen <= this.#count)) return { gap: true };
    const missed = this.#count - seen;
    if (missed > this.#kept.length) return { gap: true };
    return { missed: missed === 0 ? [] : this.#kept.slice(-missed) };
  }

  /** @returns stops it */
  listen(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
