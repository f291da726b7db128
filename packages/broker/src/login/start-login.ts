import type { FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { DialectIdentity } from "../dialect-identity.ts";
import { clientErrorPage, messagePage, type PageView } from "../pages/index.ts";
import type { Verb } from "../store/verb.ts";
import { mintAttemptCookie, openAttempt } from "./attempt.ts";
import { attemptCookies } from "./attempt-cookie.ts";
import type { LoginRequest } from "./login-request.ts";

/** Most bytes of a `state` (S-16). */
export const MAX_STATE_BYTES = 1024;

/**
 * Keeps a validated request and leads to the login page under an opaque handle, which is all that later steps carry
 * (S-08).
 * @param alongside written in the same transaction
 */
export async function startLogin(
  context: BrokerContext,
  dialect: { readonly name: string; readonly loginPath: string },
  loginRequest: LoginRequest,
  request: FastifyRequest,
  reply: FastifyReply,
  alongside?: () => Verb<void>,
) {
  const now = context.clock.now();
  const cookie = mintAttemptCookie(context, now);
  const key = await context.db.write(function* () {
    if (alongside) yield* alongside();
    return yield* openAttempt(context, dialect.name, loginRequest, cookie, now);
  });
  const step = loginRequest.kind === "console" ? "console" : "dialog";
  context.metrics.loginSteps.of({ broker: dialect.name, step, outcome: "opened" }).add();
  return reply
    .headers(context.jsonHeaders)
    .header("set-cookie", attemptCookies(context, request.headers.cookie).start(key, cookie.text))
    .redirect(`${dialect.loginPath}/${key}`, 302);
}

/**
 * Tells a person in a browser that the app's link is wrong; never a redirect (S-05).
 * @param reason for the app's developer, when app and redirect URI are right: words of ours, never of the request
 */
export function sendClientError(
  context: BrokerContext,
  identity: DialectIdentity,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  reason?: string,
) {
  const view = { ...context.page(identity), requestId: request.id };
  const html = reason === undefined ? clientErrorPage(view) : refusedPage(view, reason);
  return reply.code(status).headers(context.pageHeaders()).type("text/html; charset=utf-8").send(html);
}

function refusedPage(view: PageView & { readonly requestId: string }, reason: string): string {
  return messagePage({
    ...view,
    title: "This login link does not work",
    text: [
      "The app that sent you here cannot log you in like this. Nothing was shared with it.",
      `Go back to the app and try again. If it happens again, tell the people who make it: ${reason}`,
    ],
    tone: "error",
  });
}
