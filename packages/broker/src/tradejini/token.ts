import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { exchangeCode } from "../grants/exchange-code.ts";
import type { FormFields } from "../http/form-fields.ts";
import { TradejiniError } from "./error-body.ts";
import { tradejini } from "./identity.ts";
import { tokenBody } from "./token-body.ts";
import { tradejiniTokenRules } from "./token-rules.ts";
import { keyZoneKey, type Zones } from "./zones.ts";

/**
 * `POST /v2/api-gw/oauth/token`. Once the fields are there, everything that is wrong with them is one 401 (S-111), and
 * any attempt spends the code it names (D1). @see protocol/tradejini.md 4
 */
export function registerToken(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  // The key travels in the form, so its zone can only be asked once that is read. What cannot be read counts too, in the
  // place of calls without a key.
  const countUnreadable = (error: unknown, request: FastifyRequest): never => {
    if (request.body === undefined && !(error instanceof TradejiniError)) {
      zones.apiKey(keyZoneKey(undefined, context.sourceOf(request)));
    }
    throw error;
  };
  const options = { config: { content: "form" }, errorHandler: countUnreadable } as const;
  app.post(tradejiniRoutes.getAccessToken.path, options, async (request, reply) => {
    const form = request.body as FormFields | undefined;
    const source = context.sourceOf(request);
    zones.apiKey(keyZoneKey(form?.client_id, source));
    // One way to authenticate, and never in the URL or a Basic header (S-22).
    const isElsewhere = request.raw.url?.includes("?") || /^basic\b/i.test(request.headers.authorization ?? "");
    // A POST without Content-Type and body reaches no parser.
    if (form === undefined || isElsewhere) throw new TradejiniError("BAD_REQUEST");

    const exchange = await exchangeCode(context, {
      ...requireFields(form),
      dialect: tradejini.name,
      rules: tradejiniTokenRules,
      flows: ["authorization_code", "order_connect"],
      source,
      refreshExtendedToken: false,
    });
    if (exchange.outcome === "source-blocked") {
      throw new TradejiniError("TOO_MANY", { retryAfterSeconds: exchange.retryAfterSeconds });
    }
    if (exchange.outcome !== "answered" || exchange.redemption.outcome !== "issued") {
      throw new TradejiniError("UNAUTHORIZED");
    }
    return reply.headers(context.jsonHeaders).send(tokenBody(exchange.redemption.token));
  });
}

/** An incomplete request is no exchange: it changes nothing. @throws TradejiniError `VALIDATION` */
function requireFields(form: FormFields) {
  const { code, client_id: clientId, client_secret: clientSecret, redirect_uri: redirectUri } = form;
  if (!code || !clientId || !clientSecret || !redirectUri || form.grant_type !== "authorization_code") {
    throw new TradejiniError("VALIDATION");
  }
  return { code, clientId, clientSecret, redirectUri, codeVerifier: form.code_verifier || undefined };
}
