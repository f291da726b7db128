/**
 * Loopback servers: one handler on one or two addresses, bound all or not at all.
 */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface LocalServer {
  readonly port: number;
  /** Stops taking connections and ends those that are open. */
  readonly close: () => void;
  /** Lets the process end while this listens. */
  readonly unref: () => void;
}

/** The port is in use, whoever uses it. */
export class PortInUse extends Error {
  override readonly name = "PortInUse";
}

/** This machine does not let us listen there: a port below 1024, or no such address. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

/** Nobody who fills connections, or sends a header a minute, keeps the person's browser out. */
const LIMITS = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };
const MAX_CONNECTIONS = 64;

/**
 * Binds addresses of this machine (S-85). An address this machine does not have, IPv6 switched off for instance, is left
 * out as long as another one is there: nobody else can listen on it either.
 * @param port 0 takes a free one
 * @throws PortInUse when any of them is in use, CannotListen when none can be had
 */
export async function listenLocally(
  addresses: readonly string[],
  port: number,
  handler: RequestListener,
): Promise<LocalServer> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  let failure: unknown;
  for (const address of addresses) {
    const server = createServer(LIMITS, handler);
    server.maxConnections = MAX_CONNECTIONS;
    try {
      await listen(server, address, port);
      servers.push(server);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE") {
        close();
        throw new PortInUse(`port ${port} is in use`, { cause: error });
      }
      if (code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT" && code !== "EACCES") {
        close();
        throw error;
      }
      failure = error;
    }
  }
  const [first] = servers;
  if (first === undefined) throw new CannotListen(`port ${port} cannot be opened`, { cause: failure });
  const unref = () => {
    for (const server of servers) server.unref();
  };
  return { port: (first.address() as AddressInfo).port, close, unref };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
