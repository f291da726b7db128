import type { FastifyRequest } from "fastify";

/**
 * A request that may take long on purpose: its socket is not closed for being silent.
 * @returns a signal that aborts when the caller went away
 */
export function startLongRequest({ raw }: FastifyRequest): AbortSignal {
  const { socket } = raw;
  const timeout = socket.timeout ?? 0;
  socket.setTimeout(0);
  const gone = new AbortController();
  if (socket.destroyed) gone.abort();
  const onClose = () => gone.abort();
  socket.once("close", onClose);
  // The next request on this connection has its limits back.
  raw.once("close", () => {
    socket.off("close", onClose);
    socket.setTimeout(timeout);
  });
  return gone.signal;
}
