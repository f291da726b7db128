import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What becomes of bytes on their way to the server. */
export type Fate =
  /** They arrive. */
  | "pass"
  /** The connection is cut before they arrive. */
  | "cut-before"
  /** They arrive, and the connection is cut before an answer comes back. */
  | "cut-after"
  /** They arrive nowhere, and nothing is cut: a broken network. */
  | "swallow";

export interface CuttingProxy extends AsyncDisposable {
  /** The database's URL, through the proxy. */
  readonly url: string;
  /** Decides on everything that is sent. */
  judge: (sent: Buffer) => Fate;
}

/** A TCP proxy before a Postgres, to lose connections at a chosen moment. */
export async function startCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    keep(client);
    keep(upstream);
    let isMute = false;
    upstream.on("data", (data) => {
      if (!isMute) client.write(data);
    });
    client.on("data", (data) => {
      const fate = proxy.judge(data);
      if (fate === "cut-after") isMute = true;
      if (fate === "pass" || fate === "cut-after") upstream.write(data);
      if (fate === "cut-before") {
        client.destroy();
        upstream.destroy();
      }
      // The server has done its work when it answers.
      if (fate === "cut-after") upstream.once("data", () => client.destroy());
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const proxy: CuttingProxy = {
    url: url.href,
    judge: () => "pass",
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}
