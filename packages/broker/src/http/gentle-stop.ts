import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";

const LOOK_EVERY_MS = 50;
/** A port without a new connection for so long has none waiting; with clients that keep coming, it closes all the same. */
const QUIET_MS = 10;
const MOST_UNQUIET_MS = 250;

/** The answer that is under way on a connection; Node keeps it there under this name. */
type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/**
 * Stops a server so that no request is left without an answer (S-115). Node's own `close()` cuts every connection that
 * looks idle, also one on which a request is on its way. Here each of them stays open for a while, and every answer says
 * `Connection: close`: a connection ends with an answer and never between two requests.
 */
export class GentleStop {
  readonly #app: FastifyInstance;
  readonly #connections = new Set<HttpSocket>();
  #accepted = 0;
  #isDeaf = false;

  /** Make it before the server listens. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    app.server.on("connection", (socket) => {
      this.#accepted += 1;
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
  }

  /**
   * Closes the port. Connections that are open are served as before: a client that is told to close comes back at once,
   * and no other process may still take it on this port then.
   */
  async stopAccepting(): Promise<void> {
    if (this.#isDeaf) return;
    this.#isDeaf = true;
    const server: Server = this.#app.server;
    server.closeIdleConnections = () => {};
    await this.#untilQuiet();
    server.close();
  }

  /** The system completes connections by itself, and Node takes one of those that wait at each turn of its loop. */
  async #untilQuiet(): Promise<void> {
    const giveUp = performance.now() + MOST_UNQUIET_MS;
    let seen: number;
    do {
      seen = this.#accepted;
      await sleep(QUIET_MS);
      await afterInput();
    } while (this.#accepted > seen && performance.now() < giveUp);
  }

  /**
   * @param lingerMs how long an idle connection may stay; with 0 it is cut at once
   * @returns when every request is answered and every connection closed
   */
  async close(lingerMs: number): Promise<void> {
    const { server } = this.#app;
    if (lingerMs > 0) await this.stopAccepting();
    // Fastify says so in the answers to what arrives later.
    for (const { _httpMessage: answer } of this.#connections) {
      if (answer && !answer.headersSent) answer.setHeader("connection", "close");
    }
    const closed = this.#app.close();
    await Promise.race([closed, sleep(lingerMs, undefined, { ref: false })]);
    await afterInput();
    // What is open and idle now has been idle all the time.
    Reflect.deleteProperty(server, "closeIdleConnections");
    this.#cutIdle();
    const looking = setInterval(() => void afterInput().then(() => this.#cutIdle()), LOOK_EVERY_MS);
    await closed;
    clearInterval(looking);
  }

  #cutIdle(): void {
    this.#app.server.closeIdleConnections();
    // Those that never brought a byte, as browsers open them ahead of need. To Node their first request is under way.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy();
  }
}

/** Until what had arrived at this process when it was called has been read. */
async function afterInput(): Promise<void> {
  // Between two of these Node looks at every socket once; what is under way now does not count.
  await setImmediate();
  await setImmediate();
}
