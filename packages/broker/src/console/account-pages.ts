import { istDateTime, startOfIstDay } from "@kunji/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import { sendRequest } from "../approvals/approval-pages.ts";
import { decide } from "../approvals/decide.ts";
import type { BrokerContext } from "../broker-context.ts";
import { isRowKey, rowKeyFloor } from "../crypto/row-key.ts";
import { dialectNamed } from "../dialects.ts";
import { startLogin } from "../login/start-login.ts";
import type { OrderDetails } from "../orders/order-gateway.ts";
import { accountHomePage, accountOrdersPage, approvalListPage, type OrderLineView } from "../pages/index.ts";
import { appendAudit } from "../store/audit.ts";
import { endBrowserSession } from "../store/browser-sessions.ts";
import { findAnyClient, listOwnClients } from "../store/clients.ts";
import { listOrders } from "../store/orders.ts";
import { findTokenRequest, listPendingTokenRequests, type StoredTokenRequest } from "../store/token-requests.ts";
import { endSessionCookie } from "./browser-session.ts";
import { leadTo, onGet, onPost, sendNotFound, sendPage, takeVisitForm, type Visit, visitView } from "./console-page.ts";

const HOME = "/account";

/** `/account`: what a person manages at the broker. Signing in is the same login as everywhere else. */
export function registerAccountPages(app: FastifyInstance, context: BrokerContext): void {
  app.get<{ Params: { dialect: string } }>("/account/login/:dialect", async (request, reply) => {
    const dialect = dialectNamed(request.params.dialect);
    if (!dialect) return sendNotFound({ context, request, reply });
    return await startLogin(context, dialect, { kind: "console" }, request, reply);
  });

  onGet(app, context, HOME, sendHome);

  onPost(app, context, "/account/sign-out", async (visit, form) => {
    if (!(await takeVisitForm(visit, form, HOME))) return leadTo(visit, HOME);
    const { session, account } = visit.signedIn;
    const at = context.clock.now();
    await context.db.write(function* () {
      yield* endBrowserSession(session.session_key);
      yield* appendAudit(context.keys.audit, { at, event: "console.signed-out", accountId: account.accountId });
    });
    visit.reply.header("set-cookie", endSessionCookie(context));
    return leadTo(visit, "/");
  });

  onGet(app, context, "/account/orders", sendOrders);
  onGet(app, context, "/account/approvals", sendApprovals);

  onGet(app, context, "/account/approvals/:request", async (visit) => {
    const pending = await findOwnRequest(visit);
    return pending ? await sendRequest(context, visit.reply, pending, visit.request.url) : sendNotFound(visit);
  });

  onPost(app, context, "/account/approvals/:request", async (visit, form) => {
    const pending = await findOwnRequest(visit);
    if (!pending) return sendNotFound(visit);
    await decide(context, pending, form, context.clock.now());
    return leadTo(visit, visit.request.url);
  });
}

/** A person's own request; another's looks like one that does not exist (S-62). */
async function findOwnRequest({ context, signedIn, params }: Visit): Promise<StoredTokenRequest | undefined> {
  const requestKey = params.request ?? "";
  if (!isRowKey(requestKey)) return undefined;
  const request = await context.db.read(() => findTokenRequest(requestKey));
  return request?.account_id === signedIn.account.accountId ? request : undefined;
}

async function sendHome(visit: Visit): Promise<FastifyReply> {
  const { context, dialect } = visit;
  const { account } = visit.signedIn;
  const now = context.clock.now();
  const pending = await context.db.read(() => listPendingTokenRequests(account.accountId, now));
  const apps = await context.db.read(() => listOwnClients(account.accountId));
  return sendPage(
    visit,
    accountHomePage({
      ...visitView(visit, HOME),
      accountName: dialect.accountName(account.profile),
      userId: account.userId,
      totp: { enabled: account.totpSecret !== null, href: "/account/totp" },
      approvals: dialect.notifierMessage && { pending: pending.length, href: "/account/approvals" },
      apps: { count: apps.length, href: "/account/apps" },
      ordersHref: dialect.orderLine && "/account/orders",
      staticIpsHref: dialect.staticIps && "/account/static-ips",
      sessionsHref: "/account/sessions",
      activityHref: "/account/activity",
      signOutAction: "/account/sign-out",
    }),
  );
}

async function sendApprovals(visit: Visit): Promise<FastifyReply> {
  const { context, signedIn } = visit;
  const now = context.clock.now();
  const pending = await context.db.read(() => listPendingTokenRequests(signedIn.account.accountId, now));
  const requests = await Promise.all(
    pending.map(async (request) => ({
      href: `/account/approvals/${request.request_key}`,
      clientName: (await context.db.read(() => findAnyClient(request.client_id)))?.name ?? "An app",
      requestedAt: `${istDateTime(request.created_at / 1000)} IST`,
      expiresAt: `${istDateTime(request.expires_at / 1000)} IST`,
    })),
  );
  return sendPage(visit, approvalListPage({ ...context.page(visit.dialect), requests, homeHref: HOME }));
}

/** Today's orders, basket by basket; the broker's own book keeps them (design.md section 7). */
async function sendOrders(visit: Visit): Promise<FastifyReply> {
  const { context, signedIn, dialect } = visit;
  const { orderLine } = dialect;
  const since = rowKeyFloor(startOfIstDay(context.clock.now() / 1000) * 1000);
  const orders = orderLine ? await context.db.read(() => listOrders(signedIn.account.accountId, since)) : [];
  const baskets = new Map<string, { placedAt: string; orders: OrderLineView[] }>();
  for (const order of orders) {
    const placedAt = `${istDateTime(order.placed_at / 1000)} IST`;
    const basket = baskets.get(order.basket_key) ?? { placedAt, orders: [] };
    // The book lists newest first; a basket reads in the order it was approved.
    if (orderLine) basket.orders.unshift(orderLine(JSON.parse(order.details) as OrderDetails));
    baskets.set(order.basket_key, basket);
  }
  const page = context.page(dialect);
  return sendPage(visit, accountOrdersPage({ ...page, baskets: [...baskets.values()], homeHref: HOME }));
}
