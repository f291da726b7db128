import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { issuerOf } from "./issuer.ts";
import { OAuthError } from "./oauth-error.ts";
import { findPresentedToken } from "./present-token.ts";

/** `POST /oauth/introspect` (RFC 7662): says of a token of the calling app whether it lives, and nothing else (S-33). */
export function registerIntrospection(app: FastifyInstance, context: BrokerContext): void {
  const limiter = context.createQuota({ limit: context.settings.KUNJI_INTROSPECT_PER_SECOND, seconds: 1 });
  app.post("/oauth/introspect", { config: { content: "form" } }, async (request, reply) => {
    const wait = limiter.take(context.sourceOf(request));
    if (wait > 0) throw new OAuthError("temporarily_unavailable", 429, { retryAfterSeconds: wait });
    const presented = await findPresentedToken(context, request);
    reply.headers(context.jsonHeaders);
    if (!presented) return reply.send({ active: false });
    const { token, dialect } = presented;
    return reply.send({
      active: true,
      iss: issuerOf(context, dialect),
      client_id: token.client_id,
      sub: token.user_id,
      token_type: "Bearer",
      iat: Math.floor(token.issued_at / 1000),
      exp: Math.floor(token.expires_at / 1000),
      scope: token.kind === "extended" ? "read" : "read write",
    });
  });
}
