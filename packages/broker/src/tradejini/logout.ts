import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { voidAccountTokens } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { createSessionCheck, requireAppAddress } from "./session.ts";
import type { Zones } from "./zones.ts";

/**
 * `POST /v2/api/account/logout`, without body and Content-Type: ends every token of the user, whichever app has it
 * (design.md section 7), answered once that is durable (S-30).
 */
export function registerLogout(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  const requireSession = createSessionCheck(context, zones.general);
  // The one call with a session that may carry a body: the app's addresses are checked before it is read.
  const onRequest = (request: FastifyRequest) => requireAppAddress(context, request);
  app.post(tradejiniRoutes.getLogoutWebResponse.path, { onRequest }, async (request, reply) => {
    const token = await requireSession(request);
    const at = context.clock.now();
    const { client_id: clientId, account_id: accountId } = token;
    await context.db.write(function* () {
      yield* voidAccountTokens(accountId);
      const detail = { token: token.token_key };
      yield* appendAudit(context.keys.audit, { at, event: "account.logged-out", clientId, accountId, detail });
    });
    return reply.headers(context.jsonHeaders).send({ s: "ok", d: { msg: "Logged out successfully" } });
  });
}
