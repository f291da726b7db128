import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "./broker-context.ts";
import { HttpFault } from "./http/http-fault.ts";
import { isLocalRequest } from "./http/loopback-host.ts";
import { selectOne } from "./store/verb.ts";

/** `/health/live`, `/health/ready` and `/metrics`, for whoever runs the broker. */
export function registerHealth(app: FastifyInstance, context: BrokerContext, isDraining: () => boolean): void {
  app.get("/health/live", async (_request, reply) => reply.headers(context.jsonHeaders).send({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    reply.headers(context.jsonHeaders);
    if (isDraining()) return reply.code(503).send({ status: "draining" });
    try {
      await context.db.read(() => selectOne("SELECT 1 AS one"));
    } catch {
      return reply.code(503).send({ status: "store unavailable" });
    }
    return reply.send({ status: "ready" });
  });

  // Numbers about the business are nobody else's: only a scraper on this machine gets them.
  app.get("/metrics", async (request, reply) => {
    if (!isLocalRequest(request.socket.remoteAddress, request.headers.host)) throw new HttpFault("not-found");
    return reply
      .headers(context.jsonHeaders)
      .type(context.metrics.registry.contentType)
      .send(await context.metrics.registry.metrics());
  });
}
