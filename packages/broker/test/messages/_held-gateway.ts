import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A message gateway that answers nothing until it is let go. */
export interface HeldGateway extends AsyncDisposable {
  readonly url: string;
  /** Resolves when this many messages have arrived. */
  readonly whenArrived: (count: number) => Promise<void>;
  /** Accepts what has arrived and whatever comes. */
  readonly letGo: () => void;
}

export async function holdGateway(): Promise<HeldGateway> {
  const held: ServerResponse[] = [];
  let arrived = 0;
  let isOpen = false;
  const server = createServer((request, response) => {
    request.resume();
    arrived += 1;
    if (isOpen) response.end();
    else held.push(response);
    server.emit("message");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    async whenArrived(count) {
      while (arrived < count) await once(server, "message");
    },
    letGo() {
      isOpen = true;
      for (const response of held.splice(0)) response.end();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
