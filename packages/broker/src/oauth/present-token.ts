import type { FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Dialect } from "../dialect.ts";
import { dialects } from "../dialects.ts";
import { authenticateClient } from "../grants/authenticate-client.ts";
import { authenticateToken } from "../grants/authenticate-token.ts";
import { countBadSecret, isSourceBlocked } from "../grants/secret-throttle.ts";
import type { FormFields } from "../http/form-fields.ts";
import type { StoredToken } from "../store/tokens.ts";
import { OAuthError } from "./oauth-error.ts";

export interface PresentedToken {
  readonly token: StoredToken;
  /** The broker whose token it is. */
  readonly dialect: Dialect;
}

/**
 * Reads a form that names a token, authenticates the app, and finds the token if it lives and is the app's own:
 * anything else looks the same (S-31, S-33). The secret travels in the body, and only there (S-22).
 * @throws OAuthError
 */
export async function findPresentedToken(
  context: BrokerContext,
  request: FastifyRequest,
): Promise<PresentedToken | undefined> {
  const form = request.body as FormFields | undefined;
  if (request.headers.authorization !== undefined || request.raw.url?.includes("?")) {
    throw new OAuthError("invalid_request", 400);
  }
  const { token, client_id: clientId, client_secret: clientSecret } = form ?? {};
  if (!token) throw new OAuthError("invalid_request", 400);
  if (!clientId || !clientSecret) throw new OAuthError("invalid_client", 401);
  const source = context.sourceOf(request);
  const now = context.clock.now();
  const wait = await isSourceBlocked(context, source, now);
  if (wait > 0) {
    context.metrics.throttled.secrets.add();
    throw new OAuthError("temporarily_unavailable", 429, { retryAfterSeconds: wait });
  }
  const authentication = await authenticateClient(context, { clientId, clientSecret });
  if (authentication.outcome !== "authenticated") {
    await countBadSecret(context, source, now);
    throw new OAuthError("invalid_client", 401);
  }
  for (const dialect of dialects) {
    const found = await authenticateToken(context, dialect.tokenRules, token);
    if (found) return found.client_id === clientId ? { token: found, dialect } : undefined;
  }
  return undefined;
}
