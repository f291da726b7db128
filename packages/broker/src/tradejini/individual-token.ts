import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { readBearer } from "../http/bearer-header.ts";
import type { FormFields } from "../http/form-fields.ts";
import { type Client, findClient } from "../store/clients.ts";
import { directLogin } from "./direct-login.ts";
import { TradejiniError } from "./error-body.ts";
import { tradejini } from "./identity.ts";
import { requireRegisteredIp } from "./registered-ips.ts";
import { tokenBody } from "./token-body.ts";
import { isApiKey, type Zones } from "./zones.ts";

/**
 * `POST /v2/api-gw/oauth/individual-token-v2`: the direct login of an individual app's own account (D3). Order of
 * checks: zone, the app's addresses, Content-Type, fields, then one bare 401 for whatever is wrong.
 * @see protocol/tradejini.md 5, 8
 */
export function registerIndividualToken(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  app.post(
    tradejiniRoutes.updatedIndividualToken.path,
    {
      config: { content: "form" },
      // Before the body is read: zone and address come before the Content-Type.
      onRequest: async (request) => {
        zones.otp(context.sourceOf(request));
        requireRegisteredIp(context, await findApp(context, request.headers.authorization), request);
      },
    },
    async (request, reply) => {
      const form = request.body as FormFields | undefined;
      if (form === undefined) throw new TradejiniError("BAD_REQUEST");
      const { password, twoFa, twoFaTyp } = form;
      // Further fields are ignored: older guides send the user's name along.
      if (!password || !twoFa || !twoFaTyp) throw new TradejiniError("VALIDATION");
      const client = await findApp(context, request.headers.authorization);
      const source = context.sourceOf(request);
      const token = await directLogin(context, client, { password, twoFa, twoFaTyp, source });
      if (!token) throw new TradejiniError("UNAUTHORIZED");
      return reply.headers(context.jsonHeaders).send(tokenBody(token));
    },
  );
}

/** The app of `Authorization: Bearer <api_key>`. */
async function findApp(context: BrokerContext, authorization: string | undefined): Promise<Client | undefined> {
  const bearer = readBearer(authorization);
  if (bearer.outcome !== "token" || !isApiKey(bearer.token)) return undefined;
  return await context.db.read(() => findClient(tradejini.name, bearer.token));
}
