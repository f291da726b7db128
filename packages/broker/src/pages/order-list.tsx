/** One order, with ready text. */
export interface OrderLineView {
  readonly side: "buy" | "sell";
  readonly quantity: string;
  /** Such as "BANKNIFTY", "2022-11-24", "34000", "PE". */
  readonly instrument: readonly string[];
  readonly exchange: string;
  readonly price: string;
  readonly product: string;
  readonly validity: string;
  /** Everything else the order says. */
  readonly others: readonly { readonly name: string; readonly value: string }[];
}

/** Orders, one below the other: everything each of them says. */
export function OrderList({ orders }: { orders: readonly OrderLineView[] }) {
  return (
    <ol class="orders" aria-label="Orders">
      {orders.map((order, index) => (
        <li key={index}>
          <p class="order-head">
            <span class={`side ${order.side}`}>{order.side === "sell" ? "Sell" : "Buy"}</span> {order.quantity} ×{" "}
            <Instrument parts={order.instrument} />
          </p>
          <dl class="order-facts">
            <Fact name="Exchange" value={order.exchange} />
            <Fact name="Price" value={order.price} />
            <Fact name="Product" value={order.product} />
            <Fact name="Validity" value={order.validity} />
            {order.others.map(({ name, value }) => (
              <Fact key={name} name={name} value={value} />
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}

/** Dates and strikes stay in one piece; only the symbol may break. */
function Instrument({ parts: [symbol, ...rest] }: { parts: readonly string[] }) {
  return (
    <bdi>
      {symbol}
      {rest.map((part, index) => (
        <span key={index}>
          {" "}
          <span class="unbroken">{part}</span>
        </span>
      ))}
    </bdi>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
