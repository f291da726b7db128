/** The last step of the Tradejini login: the consent, and the orders where the app asks to place some. */
import { Consent, Purpose } from "../flow-parts.tsx";
import { NoticeLine, PostForm, Progress } from "../form-parts.tsx";
import { layout } from "../layout.tsx";
import { Name } from "../names.tsx";
import { type OrderLineView, OrderList } from "../order-list.tsx";
import type { ConsentView } from "../page-view.ts";

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
            <OrderList orders={orders} />
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
