import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

/** Until whoever else holds the port has let go of it too: the process that hands workers their connections. */
const QUIET_MS = 50;
const LOOK_EVERY_MS = 50;

/**
 * Stops a server so that no request is left without an answer (S-115). Node's own `close()` cuts every connection that
 * looks idle, also one on which a request is on its way. Here each of them stays open for a while, and when it brings
 * another request gets the answer with `Connection: close`.
 * @param lingerMs how long an idle connection may stay; with 0 it is cut at once
 * @returns when every request is answered and every connection closed
 */
export async function closeGently(app: FastifyInstance, lingerMs: number): Promise<void> {
  if (lingerMs === 0) return await app.close();
  const { server } = app;
  server.closeIdleConnections = () => {};
  // Whoever has connected by now is taken, and then nobody else.
  await setImmediate();
  server.close();
  // A client that is told to close comes back at once, and should find the port closed.
  await sleep(Math.min(QUIET_MS, lingerMs));
  const closed = app.close();
  await Promise.race([closed, sleep(lingerMs, undefined, { ref: false })]);
  Reflect.deleteProperty(server, "closeIdleConnections");
  const looking = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
  server.closeIdleConnections();
  await closed;
  clearInterval(looking);
}
