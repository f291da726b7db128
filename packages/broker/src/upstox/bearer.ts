import type { FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { authenticateToken } from "../grants/authenticate-token.ts";
import { readBearer } from "../http/bearer-header.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { StoredToken, TokenKind } from "../store/tokens.ts";
import { UpstoxError, upstoxError } from "./error-body.ts";
import { upstox } from "./identity.ts";
import { upstoxTokenRules } from "./token-rules.ts";

/** Finds the token of a request, or refuses it. */
export type BearerCheck = (request: FastifyRequest) => Promise<StoredToken>;

export interface BearerRules {
  /** Which tokens may call this API; an extended token elsewhere is UDAPI100067. */
  readonly accepts: readonly TokenKind[];
}

/**
 * The bearer check of one API, with its own quota per user: limits are per API and per user (protocol/upstox.md 12).
 * The token comes first, so that a stranger learns nothing and uses up nobody's quota.
 */
export function createBearerCheck(context: BrokerContext, rules: BearerRules): BearerCheck {
  const limiter = documentedQuota(context);
  const outcomes = context.metrics.bearerChecks(upstox.name);
  return async (request) => {
    const bearer = readBearer(request.headers.authorization);
    const token =
      bearer.outcome === "token" ? await authenticateToken(context, upstoxTokenRules, bearer.token) : undefined;
    if (!token) {
      outcomes.refused.add();
      throw upstoxError("UDAPI100050");
    }
    const wait = limiter.take(token.account_id);
    if (wait > 0) {
      outcomes.throttled.add();
      throw new UpstoxError([{ code: "UDAPI10005" }], { retryAfterSeconds: wait });
    }
    outcomes.accepted.add();
    if (!rules.accepts.includes(token.kind)) throw upstoxError("UDAPI100067");
    return token;
  };
}

function documentedQuota({ settings, createQuota }: BrokerContext): RateLimiter {
  return createQuota(
    { limit: settings.KUNJI_RATE_PER_SECOND, seconds: 1 },
    { limit: settings.KUNJI_RATE_PER_MINUTE, seconds: 60 },
    { limit: settings.KUNJI_RATE_PER_HALF_HOUR, seconds: 1800 },
  );
}
