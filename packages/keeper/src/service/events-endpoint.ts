import type { FastifyInstance } from "fastify";
import type { FeedEvent } from "./event-feed.ts";
import type { EventStreams } from "./event-streams.ts";
import type { ServiceContext } from "./service-context.ts";

/**
 * `GET /v1/events`: `renewed`, `expiring`, `expired`, `loginRequired`, with ids to continue from (`Last-Event-ID`).
 * The first message is `hello`; or `gap` when events between were lost: read `/v1/accounts` again then.
 */
export function registerEventsEndpoint(
  app: FastifyInstance,
  { feed }: Pick<ServiceContext, "feed">,
  streams: EventStreams,
): void {
  app.get("/v1/events", (request, reply) => {
    const lastId = request.headers["last-event-id"];
    streams.open(request, reply, (send) => {
      const continuation = typeof lastId === "string" ? feed.after(lastId) : { missed: [] };
      const missed = "gap" in continuation ? [] : continuation.missed;
      // With nothing to make up for, the id says where to continue before anything has happened.
      const id = missed.length === 0 ? `id: ${feed.position}\n` : "";
      send(`${id}event: ${"gap" in continuation ? "gap" : "hello"}\ndata: {}\n\n`);
      for (const event of missed) send(message(event));
      return feed.listen((event) => send(message(event)));
    });
  });
}

function message({ id, type, ...facts }: FeedEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ type, ...facts })}\n\n`;
}
