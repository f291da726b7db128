import { execute, selectAll, type Verb } from "./verb.ts";

/** An order in the broker's own book. */
export interface StoredOrder {
  /** Time-ordered row key. */
  readonly order_key: string;
  /** What the person and the app know it by. */
  readonly order_id: string;
  readonly basket_key: string;
  /** Position in its basket. Basket and line are unique: no basket is placed twice (S-60). */
  readonly line: number;
  readonly account_id: string;
  readonly client_id: string;
  /** JSON object, as the basket had it. */
  readonly details: string;
  readonly status: string;
  readonly placed_at: number;
}

export function* saveOrder(order: StoredOrder): Verb<void> {
  yield* execute(
    `INSERT INTO orders (order_key, order_id, basket_key, line, account_id, client_id, details, status, placed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    order.order_key,
    order.order_id,
    order.basket_key,
    order.line,
    order.account_id,
    order.client_id,
    order.details,
    order.status,
    order.placed_at,
  );
}

/** Orders of an account placed since a moment, newest first. @param sinceKey `rowKeyFloor()` of that moment */
export function* listOrders(accountId: string, sinceKey: string): Verb<StoredOrder[]> {
  return yield* selectAll<StoredOrder>(
    "SELECT * FROM orders WHERE account_id = ? AND order_key >= ? ORDER BY placed_at DESC, basket_key DESC, line DESC",
    accountId,
    sinceKey,
  );
}
