import { istDateTime } from "@kunji/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { readCredential } from "../crypto/credential.ts";
import { equalDigests } from "../crypto/digest.ts";
import { dialectNamed, dialects } from "../dialects.ts";
import type { FormFields } from "../http/form-fields.ts";
import { formToken } from "../login/csrf.ts";
import { requireSameOrigin } from "../login/same-origin.ts";
import { approvalRequestPage, approvalResultPage, notFoundPage } from "../pages/index.ts";
import { findAccount } from "../store/accounts.ts";
import { findAnyClient } from "../store/clients.ts";
import { findTokenRequest, type StoredTokenRequest } from "../store/token-requests.ts";
import { APPROVALS_PATH } from "./approval-link.ts";
import { decide, endOf } from "./decide.ts";

type ApprovalRoute = { Params: { handle: string } };

/** `/approvals/{handle}`: where the link of a push message leads. */
export function registerApprovalPages(app: FastifyInstance, context: BrokerContext): void {
  app.get<ApprovalRoute>(`${APPROVALS_PATH}/:handle`, async (request, reply) => {
    const pending = await loadByLink(context, request.params.handle);
    return pending ? await sendRequest(context, reply, pending, request.url) : sendUnknown(context, reply, request.id);
  });

  app.post<ApprovalRoute>(`${APPROVALS_PATH}/:handle`, { config: { content: "form" } }, async (request, reply) => {
    requireSameOrigin(request, context.issuer().startsWith("https:"));
    const now = context.clock.now();
    const pending = await loadByLink(context, request.params.handle);
    if (!pending) return sendUnknown(context, reply, request.id);
    await decide(context, pending, (request.body ?? {}) as FormFields, now);
    return reply.headers(context.jsonHeaders).redirect(request.url, 303);
  });
}

async function loadByLink(context: BrokerContext, handle: string): Promise<StoredTokenRequest | undefined> {
  const link = readCredential("", handle);
  const request = link && (await context.db.read(() => findTokenRequest(link.rowKey)));
  return request && equalDigests(request.link_digest, link.digest) ? request : undefined;
}

/** The pending request; or, when it is over, what became of it. */
export async function sendRequest(
  context: BrokerContext,
  reply: FastifyReply,
  request: StoredTokenRequest,
  action: string,
) {
  const now = context.clock.now();
  const { client, account, dialect } = await partiesOf(context, request);
  const end = endOf(request, now);
  if (end) {
    const endsAt = dialect.accessEnds(request.decided_at ?? now);
    const result = { clientName: client?.name ?? "An app", outcome: end, endsAt, backHref: "/account/approvals" };
    return sendHtml(context, reply, approvalResultPage({ ...context.page(dialect), ...result }), 200);
  }
  return sendHtml(
    context,
    reply,
    approvalRequestPage({
      ...context.page(dialect),
      csrf: formToken(context.keys.form, request.request_key, request.form_nonce),
      action,
      clientName: client?.name ?? "An app",
      accountName: account ? dialect.accountName(account.profile) : "",
      requestedAt: `${istDateTime(request.created_at / 1000)} IST`,
      expiresAt: `${istDateTime(request.expires_at / 1000)} IST`,
      endsAt: dialect.accessEnds(now),
      permissions: dialect.permissions,
      matchNumberRequired: request.match_number !== null,
      backHref: "/account/approvals",
      notice: request.notice === null ? undefined : { kind: "error", text: request.notice },
    }),
    200,
  );
}

async function partiesOf(context: BrokerContext, request: StoredTokenRequest) {
  const client = await context.db.read(() => findAnyClient(request.client_id));
  const account = await context.db.read(() => findAccount(request.account_id));
  return { client, account, dialect: dialectNamed(account?.dialect ?? "") ?? dialects[0] };
}

function sendUnknown(context: BrokerContext, reply: FastifyReply, requestId: string) {
  return sendHtml(context, reply, notFoundPage({ ...context.page(dialects[0]), requestId }), 404);
}

function sendHtml(context: BrokerContext, reply: FastifyReply, html: string, status: number) {
  return reply.code(status).headers(context.pageHeaders()).type("text/html; charset=utf-8").send(html);
}
