import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { readProfile, userDetails } from "./profile-data.ts";
import { createSessionCheck } from "./session.ts";
import type { Zones } from "./zones.ts";

/** `GET /v2/api/account/details`. Account data by the vendor's rate page; its 429 page differs. */
export function registerDetails(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  const requireSession = createSessionCheck(context, zones.data);
  app.get(tradejiniRoutes.getUserDetails.path, async (request, reply) => {
    const token = await requireSession(request);
    return reply.headers(context.jsonHeaders).send({ s: "ok", d: userDetails(readProfile(token.profile)) });
  });
}
