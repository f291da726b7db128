import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "./broker-context.ts";
import { ForwardClock, MOST_BEHIND_MS } from "./clock.ts";
import { HttpFault } from "./http/http-fault.ts";
import { isLocalRequest } from "./http/loopback-host.ts";
import { selectOne } from "./store/verb.ts";

/** What health checks ask beside the database and the clock. */
export interface HealthSources {
  /** The broker was told to stop (S-115). */
  readonly isDraining: () => boolean;
  /** A commit failed, so nothing is written any more and the process is about to end (S-119). */
  readonly hasStoreFailed: () => boolean;
  /** Prometheus' text: of this process, or of all that answer at this address. */
  readonly metricsText: () => Promise<string>;
}

/** `/health/live`, `/health/ready` and `/metrics`, for whoever runs the broker. */
export function registerHealth(app: FastifyInstance, context: BrokerContext, sources: HealthSources): void {
  app.get("/health/live", async (_request, reply) => reply.headers(context.jsonHeaders).send({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    const objection = await objectionTo(context, sources);
    reply.headers(context.jsonHeaders);
    return objection ? reply.code(503).send({ status: objection }) : reply.send({ status: "ready" });
  });

  // Numbers about the business are nobody else's: only a scraper on this machine gets them.
  app.get("/metrics", async (request, reply) => {
    const { socket, headers } = request;
    const isLocal = isLocalRequest(socket.remoteAddress, headers.host) && !wasForwarded(headers);
    if (!isLocal) throw new HttpFault("not-found");
    return reply
      .headers(context.jsonHeaders)
      .type(context.metrics.registry.contentType)
      .send(await sources.metricsText());
  });
}

/** Proxies that ask here by a name of this machine say with these that somebody else asked them. */
const FORWARDED = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] as const;

function wasForwarded(headers: IncomingHttpHeaders): boolean {
  return FORWARDED.some((name) => headers[name] !== undefined);
}

/** Why no new work should be sent here; undefined when it should. */
async function objectionTo(context: BrokerContext, sources: HealthSources): Promise<string | undefined> {
  if (sources.isDraining()) return "draining";
  if (sources.hasStoreFailed()) return "store failed";
  const { clock, db } = context;
  // Nothing is issued by a clock that far back (S-114), so logins that come here lead nowhere.
  if (clock instanceof ForwardClock && clock.behind() > MOST_BEHIND_MS) return "clock behind";
  try {
    await db.read(() => selectOne("SELECT 1 AS one"));
  } catch {
    return "store unavailable";
  }
  return undefined;
}
