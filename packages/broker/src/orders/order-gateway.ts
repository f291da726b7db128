/** An order as its basket has it: plain fields, in the wire shape of the dialect it came through. */
export type OrderDetails = Readonly<Record<string, string | number>>;

/** Orders that a person approved. */
export interface ApprovedBasket {
  /** The same for every try at this basket, so that a gateway can tell a repetition. */
  readonly basketKey: string;
  readonly dialect: string;
  /** The person's id at the broker. */
  readonly userId: string;
  readonly clientId: string;
  readonly orders: readonly OrderDetails[];
}

export type Placement =
  /** Every order was taken. Ids in the order of the basket. */
  | { readonly outcome: "placed"; readonly orderIds: readonly string[] }
  /** None was taken. */
  | { readonly outcome: "refused" }
  /** Nobody knows: the order book tells. Never tried again (S-60). */
  | { readonly outcome: "unknown" };

/** Where approved orders go. A basket is placed whole or not at all (design.md section 7). */
export interface OrderGateway {
  /** Called at most once for a basket. Never throws: what went wrong is an outcome. */
  readonly place: (basket: ApprovedBasket) => Promise<Placement>;
}
