import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Dialect } from "../dialect.ts";
import { dialects } from "../dialects.ts";
import { issuerOf } from "./issuer.ts";

/**
 * Where a standard OAuth client of a broker starts: `/.well-known/oauth-authorization-server`, followed by the path of
 * the broker's issuer (RFC 8414 section 3.1).
 */
export function registerMetadata(app: FastifyInstance, context: BrokerContext): void {
  for (const dialect of dialects) registerMetadataOf(app, context, dialect);
}

function registerMetadataOf(app: FastifyInstance, context: BrokerContext, { issuerPath, oauth }: Dialect): void {
  app.get(`/.well-known/oauth-authorization-server${issuerPath}`, async (_request, reply) => {
    const base = context.issuer();
    return reply.headers(context.jsonHeaders).send({
      issuer: issuerOf(context, { issuerPath }),
      authorization_endpoint: `${base}${oauth.authorizationPath}`,
      token_endpoint: `${base}${oauth.tokenPath}`,
      revocation_endpoint: `${base}/oauth/revoke`,
      introspection_endpoint: `${base}/oauth/introspect`,
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      revocation_endpoint_auth_methods_supported: ["client_secret_post"],
      introspection_endpoint_auth_methods_supported: ["client_secret_post"],
      authorization_response_iss_parameter_supported: true,
      service_documentation: `${base}/docs`,
    });
  });
}
