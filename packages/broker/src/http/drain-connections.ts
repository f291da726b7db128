import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 10;

/**
 * Lets connections that are kept alive end with an answer: each one that brings another request gets it, with
 * `Connection: close`. Closing them while they look idle would cut off requests that are on their way (S-115). New
 * connections are still taken, since load balancers find out a little later.
 * @param lingerMs how long to wait for them at most; what is still open afterwards has been idle so long
 */
export async function drainConnections(server: Server, lingerMs: number): Promise<void> {
  // Node counts requests from here on, so each connection has this one to go.
  server.maxRequestsPerSocket = 1;
  const giveUp = performance.now() + lingerMs;
  while (performance.now() < giveUp && (await countConnections(server)) > 0) await sleep(LOOK_EVERY_MS);
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
