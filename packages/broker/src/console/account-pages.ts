import { istDateTime, startOfIstDay } from "@kunji/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendRequest } from "../approvals/approval-pages.ts";
import { decide } from "../approvals/decide.ts";
import type { BrokerContext } from "../broker-context.ts";
import { isRowKey, rowKeyFloor } from "../crypto/row-key.ts";
import type { Dialect } from "../dialect.ts";
import { dialectNamed, dialects } from "../dialects.ts";
import type { FormFields } from "../http/form-fields.ts";
import { formToken } from "../login/csrf.ts";
import { requireSameOrigin } from "../login/same-origin.ts";
import type { OrderDetails } from "../orders/order-gateway.ts";
import {
  accountHomePage,
  accountOrdersPage,
  approvalListPage,
  notFoundPage,
  type OrderLineView,
} from "../pages/index.ts";
import { appendAudit } from "../store/audit.ts";
import { endBrowserSession } from "../store/browser-sessions.ts";
import { findAnyClient } from "../store/clients.ts";
import { listOrders } from "../store/orders.ts";
import { findTokenRequest, listPendingTokenRequests, type StoredTokenRequest } from "../store/token-requests.ts";
import { endSessionCookie, findSignedIn, type SignedIn, sessionNotice, takeForm } from "./browser-session.ts";
import { startSignIn } from "./sign-in.ts";

type RequestRoute = { Params: { request: string } };

/** `/account`: what a person manages at the broker. Signing in is the same login as everywhere else. */
export function registerAccountPages(app: FastifyInstance, context: BrokerContext): void {
  app.get<{ Params: { dialect: string } }>("/account/login/:dialect", async (request, reply) => {
    const dialect = dialectNamed(request.params.dialect);
    return dialect ? await startSignIn(context, dialect, request, reply) : sendNotFound(context, request, reply);
  });

  app.get("/account", async (request, reply) => {
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return toSignIn(context, reply);
    return await sendHome(context, reply, signedIn);
  });

  app.post("/account/sign-out", { config: { content: "form" } }, async (request, reply) => {
    requireSameOrigin(request, context.issuer().startsWith("https:"));
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return toSignIn(context, reply);
    if (!(await takeForm(context, signedIn, ((request.body ?? {}) as FormFields).csrf))) {
      return reply.headers(context.jsonHeaders).redirect("/account", 303);
    }
    const { session, account } = signedIn;
    const at = context.clock.now();
    await context.db.write(function* () {
      yield* endBrowserSession(session.session_key);
      yield* appendAudit(context.keys.audit, { at, event: "console.signed-out", accountId: account.accountId });
    });
    return reply.headers(context.jsonHeaders).header("set-cookie", endSessionCookie(context)).redirect("/", 303);
  });

  app.get("/account/orders", async (request, reply) => {
    const signedIn = await findSignedIn(context, request);
    return signedIn ? await sendOrders(context, reply, signedIn) : toSignIn(context, reply);
  });

  app.get("/account/approvals", async (request, reply) => {
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return toSignIn(context, reply);
    return await sendList(context, reply, signedIn);
  });

  app.get<RequestRoute>("/account/approvals/:request", async (request, reply) => {
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return toSignIn(context, reply);
    const pending = await loadOwn(context, signedIn, request.params.request);
    return pending ? await sendRequest(context, reply, pending, request.url) : sendNotFound(context, request, reply);
  });

  app.post<RequestRoute>("/account/approvals/:request", { config: { content: "form" } }, async (request, reply) => {
    requireSameOrigin(request, context.issuer().startsWith("https:"));
    const signedIn = await findSignedIn(context, request);
    if (!signedIn) return toSignIn(context, reply);
    const pending = await loadOwn(context, signedIn, request.params.request);
    if (!pending) return sendNotFound(context, request, reply);
    await decide(context, pending, (request.body ?? {}) as FormFields, context.clock.now());
    return reply.headers(context.jsonHeaders).redirect(request.url, 303);
  });
}

/** A person's own request; another's looks like one that does not exist (S-62). */
async function loadOwn(
  context: BrokerContext,
  { account }: SignedIn,
  requestKey: string,
): Promise<StoredTokenRequest | undefined> {
  if (!isRowKey(requestKey)) return undefined;
  const request = await context.db.read(() => findTokenRequest(requestKey));
  return request?.account_id === account.accountId ? request : undefined;
}

async function sendHome(context: BrokerContext, reply: FastifyReply, { session, account }: SignedIn) {
  const dialect = dialectOf(account.dialect);
  const pending = await context.db.read(() => listPendingTokenRequests(account.accountId, context.clock.now()));
  return sendHtml(
    context,
    reply,
    accountHomePage({
      ...context.page(dialect),
      csrf: formToken(context.keys.form, session.session_key, session.form_nonce),
      notice: sessionNotice(session),
      accountName: dialect.accountName(account.profile),
      userId: account.userId,
      totp: { enabled: account.totpSecret !== null, href: "/account/totp" },
      approvals: dialect.notifierMessage && { pending: pending.length, href: "/account/approvals" },
      ordersHref: dialect.orderLine && "/account/orders",
      signOutAction: "/account/sign-out",
    }),
  );
}

async function sendList(context: BrokerContext, reply: FastifyReply, { account }: SignedIn) {
  const pending = await context.db.read(() => listPendingTokenRequests(account.accountId, context.clock.now()));
  const requests = await Promise.all(
    pending.map(async (request) => ({
      href: `/account/approvals/${request.request_key}`,
      clientName: (await context.db.read(() => findAnyClient(request.client_id)))?.name ?? "An app",
      requestedAt: `${istDateTime(request.created_at / 1000)} IST`,
      expiresAt: `${istDateTime(request.expires_at / 1000)} IST`,
    })),
  );
  const page = context.page(dialectOf(account.dialect));
  return sendHtml(context, reply, approvalListPage({ ...page, requests, homeHref: "/account" }));
}

/** Today's orders, basket by basket; the broker's own book keeps them (design.md section 7). */
async function sendOrders(context: BrokerContext, reply: FastifyReply, { account }: SignedIn) {
  const dialect = dialectOf(account.dialect);
  const { orderLine } = dialect;
  const since = rowKeyFloor(startOfIstDay(context.clock.now() / 1000) * 1000);
  const orders = orderLine ? await context.db.read(() => listOrders(account.accountId, since)) : [];
  const baskets = new Map<string, { placedAt: string; orders: OrderLineView[] }>();
  for (const order of orders) {
    const placedAt = `${istDateTime(order.placed_at / 1000)} IST`;
    const basket = baskets.get(order.basket_key) ?? { placedAt, orders: [] };
    // The book lists newest first; a basket reads in the order it was approved.
    if (orderLine) basket.orders.unshift(orderLine(JSON.parse(order.details) as OrderDetails));
    baskets.set(order.basket_key, basket);
  }
  const page = context.page(dialect);
  return sendHtml(context, reply, accountOrdersPage({ ...page, baskets: [...baskets.values()], homeHref: "/account" }));
}

function dialectOf(name: string): Dialect {
  return dialectNamed(name) ?? dialects[0];
}

/** Nobody is signed in: off to the login of the first broker; with several, the start page offers each. */
function toSignIn(context: BrokerContext, reply: FastifyReply) {
  return reply.headers(context.jsonHeaders).redirect(`/account/login/${dialects[0].name}`, 303);
}

function sendNotFound(context: BrokerContext, request: FastifyRequest, reply: FastifyReply) {
  const page = notFoundPage({ ...context.page(dialects[0]), requestId: request.id, homeHref: "/" });
  return sendHtml(context, reply.code(404), page);
}

function sendHtml(context: BrokerContext, reply: FastifyReply, html: string) {
  return reply.headers(context.pageHeaders()).type("text/html; charset=utf-8").send(html);
}
