import { execute, selectAll, selectOne, under, type Verb } from "./verb.ts";

/** A delivery to an app's webhook, written in the transaction that made what it carries (S-68). */
export interface StoredDelivery {
  readonly delivery_key: string;
  readonly client_id: string;
  readonly url: string;
  /** Sealed; erased when the delivery is settled (S-69). */
  readonly body: Uint8Array;
  readonly attempts: number;
  readonly created_at: number;
  readonly expires_at: number;
}

export function* saveDelivery(delivery: Omit<StoredDelivery, "attempts">): Verb<void> {
  yield* execute(
    `INSERT INTO outbox (delivery_key, client_id, url, body, state, created_at, next_at, expires_at)
     VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?)`,
    delivery.delivery_key,
    delivery.client_id,
    delivery.url,
    delivery.body,
    delivery.created_at,
    delivery.created_at,
    delivery.expires_at,
  );
}

/**
 * Takes due deliveries, oldest first. Each is put off until `claimedUntil` before it is tried, so that nobody tries it
 * at the same time and a crash in the middle only delays it. Processes take turns: the next one gets the next ones.
 */
export function* claimDueDeliveries(now: number, most: number, claimedUntil: number): Verb<StoredDelivery[]> {
  yield* execute(
    under(
      "outbox",
      "UPDATE outbox SET state = 'expired', body = NULL, settled_at = ? WHERE state = 'waiting' AND expires_at <= ?",
    ),
    now,
    now,
  );
  const due = yield* selectAll<StoredDelivery>(
    "SELECT * FROM outbox WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at LIMIT ?",
    now,
    most,
  );
  const claimed: StoredDelivery[] = [];
  for (const delivery of due) {
    const changed = yield* execute(
      `UPDATE outbox SET attempts = attempts + 1, next_at = ?
       WHERE delivery_key = ? AND state = 'waiting' AND attempts = ?`,
      claimedUntil,
      delivery.delivery_key,
      delivery.attempts,
    );
    if (changed === 1) claimed.push({ ...delivery, attempts: delivery.attempts + 1 });
  }
  return claimed;
}

/**
 * Puts a delivery off without counting the try (the target's line is busy), unless its claim ran out and somebody else
 * has it.
 */
export function* postponeDelivery({ delivery_key, attempts }: StoredDelivery, until: number): Verb<void> {
  yield* execute(
    `UPDATE outbox SET attempts = attempts - 1, next_at = ?
     WHERE delivery_key = ? AND state = 'waiting' AND attempts = ?`,
    until,
    delivery_key,
    attempts,
  );
}

/** Says when a delivery that failed is tried again, unless its claim ran out and somebody else has it. */
export function* retryDelivery({ delivery_key, attempts }: StoredDelivery, at: number): Verb<void> {
  yield* execute(
    "UPDATE outbox SET next_at = ? WHERE delivery_key = ? AND state = 'waiting' AND attempts = ?",
    at,
    delivery_key,
    attempts,
  );
}

export function* settleDelivery(deliveryKey: string, now: number): Verb<void> {
  yield* execute(
    "UPDATE outbox SET state = 'delivered', body = NULL, settled_at = ? WHERE delivery_key = ?",
    now,
    deliveryKey,
  );
}

/** Ends what waits to be delivered to an app. */
export function* expireDeliveries(clientId: string, now: number): Verb<void> {
  yield* execute(
    `UPDATE outbox SET state = 'expired', body = NULL, settled_at = ? WHERE client_id = ? AND state = 'waiting'`,
    now,
    clientId,
  );
}

/** What waits to be delivered. */
export interface OutboxBacklog {
  /** At most 10,000: what more there is changes nothing, and counting it would take its time. */
  readonly waiting: number;
  /** When the oldest of them was written, epoch milliseconds; undefined when none waits. */
  readonly oldest: number | undefined;
}

export function* outboxBacklog(): Verb<OutboxBacklog> {
  const row = yield* selectOne<{ waiting: number; oldest: number | null }>(
    `SELECT COUNT(*) AS waiting, MIN(created_at) AS oldest FROM
       (SELECT created_at FROM outbox WHERE state = 'waiting' ORDER BY next_at LIMIT 10000) AS due`,
  );
  return { waiting: row?.waiting ?? 0, oldest: row?.oldest ?? undefined };
}

/** When the next delivery is due; undefined when none waits. */
export function* nextDeliveryAt(): Verb<number | undefined> {
  const row = yield* selectOne<{ next_at: number | null }>(
    "SELECT MIN(next_at) AS next_at FROM outbox WHERE state = 'waiting'",
  );
  return row?.next_at ?? undefined;
}
