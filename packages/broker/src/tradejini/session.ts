import type { FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { authenticateToken } from "../grants/authenticate-token.ts";
import { findClient } from "../store/clients.ts";
import type { StoredToken } from "../store/tokens.ts";
import { TradejiniError } from "./error-body.ts";
import { tradejini } from "./identity.ts";
import { requireRegisteredIp } from "./registered-ips.ts";
import { tradejiniTokenRules } from "./token-rules.ts";
import type { Zone } from "./zones.ts";

/** Finds the token of a request, or refuses it. */
export type SessionCheck = (request: FastifyRequest) => Promise<StoredToken>;

// The API key up to the first colon, then a token as RFC 6750 has it. Nothing to backtrack into (S-109).
const bearerPair = /^bearer ([A-Za-z0-9_-]{1,64}):([A-Za-z0-9\-._~+/]{1,512}=*)$/i;

/** Reads `Authorization: Bearer <api_key>:<access_token>`. @returns undefined for anything else */
export function readBearerPair(
  authorization: string | undefined,
): { readonly apiKey: string; readonly accessToken: string } | undefined {
  const [, apiKey, accessToken] = bearerPair.exec(authorization ?? "") ?? [];
  return apiKey === undefined || accessToken === undefined ? undefined : { apiKey, accessToken };
}

/** The check of the app's addresses alone, for before a body is read. @throws TradejiniError */
export async function requireAppAddress(context: BrokerContext, request: FastifyRequest): Promise<void> {
  const pair = readBearerPair(request.headers.authorization);
  if (!pair) return;
  const client = await context.db.read(() => findClient(tradejini.name, pair.apiKey));
  requireRegisteredIp(context, client, request);
}

/**
 * The check of every call that needs a session: the app's addresses first, then the token, which must be that app's,
 * then the zone. The token comes before the zone, so that a stranger uses up nobody's quota.
 */
export function createSessionCheck(context: BrokerContext, zone: Zone): SessionCheck {
  const outcomes = context.metrics.bearerChecks(tradejini.name);
  const findSession = async (request: FastifyRequest) => {
    const pair = readBearerPair(request.headers.authorization);
    if (!pair) throw new TradejiniError("UNAUTHORIZED");
    const client = await context.db.read(() => findClient(tradejini.name, pair.apiKey));
    requireRegisteredIp(context, client, request);
    const token = await authenticateToken(context, tradejiniTokenRules, pair.accessToken);
    if (!token || token.client_id !== pair.apiKey) throw new TradejiniError("UNAUTHORIZED");
    zone(token.token_key);
    return token;
  };
  return async (request) => {
    try {
      const token = await findSession(request);
      outcomes.accepted.add();
      return token;
    } catch (error) {
      if (error instanceof TradejiniError) outcomes[error.code === "TOO_MANY" ? "throttled" : "refused"].add();
      throw error;
    }
  };
}
