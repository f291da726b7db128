import type { FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Dialect } from "../dialect.ts";
import { mintAttemptCookie, openAttempt } from "../login/attempt.ts";
import { attemptCookies } from "../login/attempt-cookie.ts";

/** Starts a login that ends at the account console instead of at an app. */
export async function startSignIn(
  context: BrokerContext,
  dialect: Pick<Dialect, "name" | "loginPath">,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const now = context.clock.now();
  const cookie = mintAttemptCookie(context, now);
  const key = await context.db.write(() => openAttempt(context, dialect.name, { kind: "console" }, cookie, now));
  return reply
    .headers(context.jsonHeaders)
    .header("set-cookie", attemptCookies(context, request.headers.cookie).start(key, cookie.text))
    .redirect(`${dialect.loginPath}/${key}`, 302);
}
