import { upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { createBearerCheck } from "./bearer.ts";
import { upstoxError } from "./error-body.ts";
import { hasActiveSegment } from "./profile-data.ts";

/** `GET /v2/user/profile`. Extended tokens may read it (design.md section 7). */
export function registerProfile(app: FastifyInstance, context: BrokerContext): void {
  const requireBearer = createBearerCheck(context, { accepts: ["access", "extended"] });
  app.get(upstoxRoutes.getProfile.path, async (request, reply) => {
    const token = await requireBearer(request);
    if (!hasActiveSegment(token.profile)) throw upstoxError("UDAPI100058");
    // The row keeps the profile as the wire has it, so it goes out as it is.
    reply.headers(context.jsonHeaders).type("application/json");
    return `{"status":"success","data":${token.profile}}`;
  });
}
