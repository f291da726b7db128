import type { BrokerContext } from "../broker-context.ts";
import { newRowKey } from "../crypto/row-key.ts";
import { requireTrustedClock } from "../grants/trusted-clock.ts";
import { type Attempt, endAttempt, endAttemptFromHere } from "../login/attempt.ts";
import { type AuthorizeRequest, finishLogin, objectionToApp } from "../login/finish-login.ts";
import { STAY, type StepOutcome } from "../login/login-flow.ts";
import type { LoginNotice } from "../login/login-request.ts";
import type { Account } from "../store/accounts.ts";
import { findAccount } from "../store/accounts.ts";
import { type AuditEvent, appendAudit } from "../store/audit.ts";
import { claimBasket, findBasket, settleBasket } from "../store/baskets.ts";
import { saveOrder } from "../store/orders.ts";
import type { Verb } from "../store/verb.ts";
import type { OrderDetails, Placement } from "./order-gateway.ts";

/** Whose basket it is, and the login it was approved in. */
export interface BasketApproval {
  readonly attempt: Attempt;
  readonly request: AuthorizeRequest;
  readonly basketKey: string;
  readonly accountId: string;
}

/**
 * Places the orders a person approved, once, and then gives the app its code. The basket is taken by a conditional
 * update before anything leaves the house (S-60); its orders and the code are written in one transaction when the
 * gateway has taken them. A process that dies in between leaves a basket that nobody places again.
 */
export async function placeBasket(context: BrokerContext, approval: BasketApproval, now: number): Promise<StepOutcome> {
  // Before the orders go out, and not only when the code is made.
  requireTrustedClock(context);
  const taken = await context.db.write(() => takeBasket(context, approval, now));
  if (!taken) return STAY;
  const { basketKey, request, attempt } = approval;
  const placement = await context.orders.place({
    basketKey,
    dialect: attempt.dialect,
    userId: taken.account.userId,
    clientId: request.clientId,
    orders: taken.orders,
  });
  // The gateway may have taken its time, and the code's life is short.
  const answeredAt = context.clock.now();
  if (placement.outcome === "placed") {
    const { orderIds } = placement;
    const ended = { ...attempt, step: "ended" } as const;
    return await finishLogin(context, ended, approval.accountId, answeredAt, {
      record: () => recordOrders(context, approval, taken.orders, orderIds, answeredAt),
      withoutCode: "orders-placed",
    });
  }
  await context.db.write(() => recordFailure(context, approval, placement.outcome, answeredAt));
  // The person is told first, and goes back to the app from that page.
  return STAY;
}

interface TakenBasket {
  readonly account: Account;
  readonly orders: readonly OrderDetails[];
}

function* takeBasket(
  context: BrokerContext,
  { attempt, request, basketKey, accountId }: BasketApproval,
  now: number,
): Verb<TakenBasket | undefined> {
  const account = yield* findAccount(accountId);
  const objection: LoginNotice | undefined =
    account?.status === "active" ? yield* objectionToApp(attempt.dialect, request, accountId) : "client-unavailable";
  // Another tab may have cancelled meanwhile; from here on none can (S-58).
  if (!(yield* endAttemptFromHere(attempt, objection ?? "orders-placing")) || !account || objection) return undefined;
  if (!(yield* claimBasket(basketKey, accountId, now))) {
    yield* endAttempt(attempt, "orders-decided");
    return undefined;
  }
  const basket = yield* findBasket(basketKey);
  yield* auditBasket(context, "basket.placing", { request, basketKey, accountId }, now);
  return { account, orders: readOrders(basket?.orders ?? "[]") };
}

function* recordOrders(
  context: BrokerContext,
  approval: BasketApproval,
  orders: readonly OrderDetails[],
  orderIds: readonly string[],
  now: number,
): Verb<void> {
  const { basketKey, accountId, request } = approval;
  for (const [line, details] of orders.entries()) {
    yield* saveOrder({
      order_key: newRowKey(now, context.random),
      order_id: orderIds[line] ?? `${basketKey}-${line + 1}`,
      basket_key: basketKey,
      line,
      account_id: accountId,
      client_id: request.clientId,
      details: JSON.stringify(details),
      status: "open",
      placed_at: now,
    });
  }
  yield* settleBasket(basketKey, "placed");
  yield* auditBasket(context, "basket.placed", approval, now);
}

function* recordFailure(
  context: BrokerContext,
  approval: BasketApproval,
  outcome: Exclude<Placement["outcome"], "placed">,
  now: number,
): Verb<void> {
  yield* settleBasket(approval.basketKey, outcome);
  yield* endAttempt(approval.attempt, outcome === "refused" ? "orders-refused" : "orders-unknown");
  yield* auditBasket(context, `basket.${outcome}`, approval, now);
}

function* auditBasket(
  context: BrokerContext,
  event: AuditEvent,
  { request, basketKey, accountId }: Omit<BasketApproval, "attempt">,
  now: number,
): Verb<void> {
  const { clientId } = request;
  yield* appendAudit(context.keys.audit, { at: now, event, clientId, accountId, detail: { basket: basketKey } });
}

/** Reads what was stored; it was checked before. */
export function readOrders(text: string): OrderDetails[] {
  return JSON.parse(text) as OrderDetails[];
}
