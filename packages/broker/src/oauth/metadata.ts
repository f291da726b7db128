import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { dialects } from "../dialects.ts";

/** `/.well-known/oauth-authorization-server` (RFC 8414): where a standard OAuth client starts. */
export function registerMetadata(app: FastifyInstance, context: BrokerContext): void {
  app.get("/.well-known/oauth-authorization-server", async (_request, reply) => {
    const issuer = context.issuer();
    const { oauth } = dialects[0];
    return reply.headers(context.jsonHeaders).send({
      issuer,
      authorization_endpoint: `${issuer}${oauth.authorizationPath}`,
      token_endpoint: `${issuer}${oauth.tokenPath}`,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      revocation_endpoint_auth_methods_supported: ["client_secret_post"],
      introspection_endpoint_auth_methods_supported: ["client_secret_post"],
      authorization_response_iss_parameter_supported: true,
      service_documentation: `${issuer}/docs`,
    });
  });
}
