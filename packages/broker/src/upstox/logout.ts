import { upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { revoke } from "../grants/revoke-token.ts";
import { createBearerCheck } from "./bearer.ts";
import { upstoxError } from "./error-body.ts";

/** `DELETE /v2/logout`: ends the token it was called with (design.md section 7), answered once that is durable (S-30). */
export function registerLogout(app: FastifyInstance, context: BrokerContext): void {
  const requireBearer = createBearerCheck(context, { accepts: ["access"] });
  app.delete(upstoxRoutes.logout.path, async (request, reply) => {
    const token = await requireBearer(request);
    const now = context.clock.now();
    const ended = await context.db.write(() => revoke(context, token, now));
    if (!ended) throw upstoxError("UDAPI100050");
    return reply.headers(context.jsonHeaders).send({ status: "success", data: true });
  });
}
