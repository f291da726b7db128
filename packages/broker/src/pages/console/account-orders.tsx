import { layout } from "../layout.tsx";
import { type OrderLineView, OrderList } from "../order-list.tsx";
import type { PageView } from "../page-view.ts";
import { safeHref } from "../safe-href.ts";

/** Orders that one approval placed together. */
export interface PlacedBasketView {
  /** When, as ready text. */
  readonly placedAt: string;
  readonly orders: readonly OrderLineView[];
}

export interface AccountOrdersView extends PageView {
  /** Newest first. */
  readonly baskets: readonly PlacedBasketView[];
  readonly homeHref: string;
}

/** The orders that apps placed in the person's account today, through a login (order-connect). */
export function accountOrdersPage(view: AccountOrdersView): string {
  return layout({
    view,
    title: "Orders",
    width: "card",
    children: (
      <>
        <h1>Orders</h1>
        {view.baskets.length === 0 && <p class="lead">No app has placed an order for you today.</p>}
        {view.baskets.map((basket, index) => (
          <section key={index} class="panel" aria-label={`Placed ${basket.placedAt}, ${index + 1}`}>
            <p>Placed {basket.placedAt}</p>
            <OrderList orders={basket.orders} />
          </section>
        ))}
        <a class="button secondary" href={safeHref(view.homeHref)}>
          Back to your account
        </a>
      </>
    ),
  });
}
