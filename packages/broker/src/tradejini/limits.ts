import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { loadFunds } from "../store/accounts.ts";
import { createSessionCheck } from "./session.ts";
import type { Zones } from "./zones.ts";

/** `GET /v2/api/oms/limits`: a list, one object per segment, as the vendor's sample and live answers have it. */
export function registerLimits(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  const requireSession = createSessionCheck(context, zones.general);
  app.get(tradejiniRoutes.retrieveFundsLimits.path, async (request, reply) => {
    const token = await requireSession(request);
    const funds = await context.db.read(() => loadFunds(token.account_id));
    // The row keeps the list as the wire has it, so it goes out as it is.
    return reply.headers(context.jsonHeaders).type("application/json").send(`{"s":"ok","d":${funds}}`);
  });
}
