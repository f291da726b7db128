import { execute, selectOne, type Verb } from "./verb.ts";

/**
 * `open` until the person approves; `placing` while the gateway is asked; then `placed`, `refused`, or `unknown` when
 * the gateway did not say.
 */
export type BasketState = "open" | "placing" | "placed" | "refused" | "unknown";

/** Orders an app asks to be placed, waiting for a person's approval. */
export interface StoredBasket {
  readonly basket_key: string;
  readonly client_id: string;
  /** JSON list, exactly as it was checked. */
  readonly orders: string;
  readonly state: BasketState;
  readonly account_id: string | null;
  readonly created_at: number;
}

export function* saveBasket(basket: Omit<StoredBasket, "state" | "account_id">): Verb<void> {
  yield* execute(
    "INSERT INTO baskets (basket_key, client_id, orders, state, created_at) VALUES (?, ?, ?, 'open', ?)",
    basket.basket_key,
    basket.client_id,
    basket.orders,
    basket.created_at,
  );
}

export function* findBasket(basketKey: string): Verb<StoredBasket | undefined> {
  return yield* selectOne<StoredBasket>("SELECT * FROM baskets WHERE basket_key = ?", basketKey);
}

/** Takes a basket for placing, once, whoever comes first (S-60). @returns false when it was taken before */
export function* claimBasket(basketKey: string, accountId: string, now: number): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE baskets SET state = 'placing', account_id = ?, decided_at = ? WHERE basket_key = ? AND state = 'open'",
    accountId,
    now,
    basketKey,
  );
  return changed === 1;
}

/** Says what came of a basket that was taken. */
export function* settleBasket(basketKey: string, state: "placed" | "refused" | "unknown"): Verb<void> {
  yield* execute("UPDATE baskets SET state = ? WHERE basket_key = ? AND state = 'placing'", state, basketKey);
}
