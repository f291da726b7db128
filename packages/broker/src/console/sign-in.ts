import type { FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Dialect } from "../dialect.ts";
import { startLogin } from "../login/start-login.ts";

/** Starts a login that ends at the account console instead of at an app. */
export async function startSignIn(
  context: BrokerContext,
  dialect: Pick<Dialect, "name" | "loginPath">,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  return await startLogin(context, dialect, { kind: "console" }, request, reply);
}
