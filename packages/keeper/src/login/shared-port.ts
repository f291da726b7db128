/**
 * One port for all logins of this process that come back to it. A person with accounts at two brokers has registered
 * the same redirect URI at both, and presses both buttons.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type LocalServer, listenLocally } from "./listen-locally.ts";
import type { LoopbackAddress } from "./loopback-address.ts";

/** A login that waits at a port. */
export interface Waiting {
  /** Whether a request is for this login and no other. */
  readonly isFor: (request: IncomingMessage) => boolean;
  /** Answers a request for this login, or one that is for nobody. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
}

interface SharedPort {
  readonly opening: Promise<LocalServer>;
  server: LocalServer | undefined;
  /** The latest last. */
  readonly waiting: Set<Waiting>;
}

/** A process has each port once, whoever listens in it. */
const ports = new Map<string, SharedPort>();

/**
 * Waits at an address. The port is opened for the first login and closed when the last one has left (S-88).
 * @returns leaves it
 * @throws PortInUse when another program has the port (S-90), CannotListen
 */
export async function waitAt({ binds, port }: LoopbackAddress, login: Waiting): Promise<() => void> {
  const name = `${port} ${binds.join(" ")}`;
  const shared = ports.get(name) ?? openPort(binds, port);
  ports.set(name, shared);
  shared.waiting.add(login);
  const leave = () => {
    if (!shared.waiting.delete(login) || shared.waiting.size > 0) return;
    if (ports.get(name) === shared) ports.delete(name);
    // At once: the next login may want the port in this very moment.
    shared.server?.close();
  };
  try {
    shared.server = await shared.opening;
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}

function openPort(binds: LoopbackAddress["binds"], port: number): SharedPort {
  const waiting = new Set<Waiting>();
  const opening = listenLocally(binds, port, (request, response) => {
    const logins = [...waiting];
    const login = logins.find((each) => each.isFor(request)) ?? logins.at(-1);
    if (login === undefined) response.destroy();
    else login.handle(request, response);
  });
  return { opening, server: undefined, waiting };
}
