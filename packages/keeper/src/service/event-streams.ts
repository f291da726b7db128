import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { startLongRequest } from "./long-request.ts";
import { DATA_HEADERS } from "./server-options.ts";
import type { ServiceContext } from "./service-context.ts";
import { keeperStops, ServiceFault } from "./service-fault.ts";

/** Streams at the same time; each holds a connection. */
const MOST_STREAMS = 128;
const HEARTBEAT_MS = 15_000;
/** A listener who does not read is let go; it comes back with its last id. */
const MOST_UNREAD_BYTES = 65_536;

/** Server-sent events (WHATWG HTML 9.2) to any number of listeners. */
export interface EventStreams {
  /**
   * Takes the reply over.
   * @param listen sends messages until the function it returns is called
   * @throws ServiceFault `BUSY`, `STOPPING`
   */
  readonly open: (
    request: FastifyRequest,
    reply: FastifyReply,
    listen: (send: (message: string) => void) => () => void,
  ) => void;
}

export function createEventStreams({ clock, stopping }: Pick<ServiceContext, "clock" | "stopping">): EventStreams {
  const open = new Set<ServerResponse>();
  return {
    open(request, reply, listen) {
      if (stopping.aborted) throw keeperStops();
      if (open.size >= MOST_STREAMS) throw new ServiceFault("BUSY", "too many listen already", "Close some streams.");
      const gone = startLongRequest(request);
      reply.hijack();
      const { raw } = reply;
      open.add(raw);
      raw.writeHead(200, { ...DATA_HEADERS, "content-type": "text/event-stream; charset=utf-8" });
      const send = (message: string) => {
        if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
        else raw.write(message);
      };
      send("retry: 2000\n\n");
      const stopListening = listen(send);
      let cancelHeartbeat = () => {};
      const beat = () => {
        cancelHeartbeat = clock.after(HEARTBEAT_MS, () => {
          send(": heartbeat\n\n");
          beat();
        });
      };
      beat();
      const end = () => {
        open.delete(raw);
        stopListening();
        cancelHeartbeat();
        stopping.removeEventListener("abort", end);
        raw.end();
      };
      stopping.addEventListener("abort", end, { once: true });
      gone.addEventListener("abort", end, { once: true });
      if (gone.aborted) end();
    },
  };
}
