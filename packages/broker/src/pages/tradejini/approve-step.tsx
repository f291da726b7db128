/** The last step of the Tradejini login: the consent, and the orders where the app asks to place some. */
import { Consent, Purpose } from "../flow-parts.tsx";
import { NoticeLine, PostForm, Progress } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import type { ConsentView } from "../page-view.ts";

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

export interface ApproveStepView extends ConsentView {
  /** The orders that approving places, exactly as stored (S-59). */
  readonly orders?: readonly OrderLineView[] | undefined;
}

/** Step 3: approve or deny. Nothing is typed here; both proofs are behind the person (S-42, S-58). */
export function approveStep(view: ApproveStepView): string {
  const { orders } = view;
  const title = orders
    ? orders.length === 1
      ? "Place this order?"
      : `Place these ${orders.length} orders?`
    : "Allow access?";
  const approve = orders
    ? `Place ${orders.length === 1 ? "the order" : "all orders"} and allow access`
    : "Allow access";
  return layout({
    view,
    title,
    width: "card",
    notice: view.notice,
    children: (
      <>
        <Progress step={3} of={3} />
        <h1>{title}</h1>
        {view.clientName === undefined ? <Purpose view={view} /> : null}
        {orders && (
          <>
            <p class="lead">
              <Name>{view.clientName ?? ""}</Name> asks to place {orders.length === 1 ? "it" : "them"} in your account.
              {orders.length > 1 && " Either all are placed or none."}
            </p>
            <Orders orders={orders} />
          </>
        )}
        {view.clientName !== undefined && <Consent view={view} />}
        <NoticeLine notice={view.notice} />
        <PostForm action={view.action} csrf={view.csrf}>
          <button type="submit" id="approveBtn" class="primary" name="decision" value="approve">
            {approve}
          </button>
        </PostForm>
        <PostForm action={view.cancelAction} csrf={view.csrf}>
          <button type="submit" id="denyBtn" class="secondary" name="decision" value="deny">
            {orders ? "Place nothing" : "Don't allow"}
          </button>
        </PostForm>
      </>
    ),
  });
}

function Orders({ orders }: { orders: readonly OrderLineView[] }) {
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
