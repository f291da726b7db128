import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { revoke } from "../grants/revoke-token.ts";
import { findPresentedToken } from "./present-token.ts";

/** `POST /oauth/revoke` (RFC 7009): ends a token of the calling app; an unknown one is answered alike (S-31). */
export function registerRevocation(app: FastifyInstance, context: BrokerContext): void {
  app.post("/oauth/revoke", { config: { content: "form" } }, async (request, reply) => {
    const presented = await findPresentedToken(context, request);
    const now = context.clock.now();
    if (presented) await context.db.write(() => revoke(context, presented.token, now));
    return reply.code(200).headers(context.jsonHeaders).send();
  });
}
