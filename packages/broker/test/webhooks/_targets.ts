import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import type { SetTimer } from "../../src/webhooks/deliver-webhook.ts";
import { testCertificate, testPrivateKey } from "./_tls-pair.ts";

/** A server under test control; `using`-style clean-up is the caller's: call `close`. */
export interface Target {
  port: number;
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

async function listen(server: net.Server): Promise<Target> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  server.on("connection", (socket: net.Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {}); // the deliverer cuts connections on purpose
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** An HTTP server on loopback. */
export function httpTarget(handler: http.RequestListener): Promise<Target> {
  return listen(http.createServer(handler));
}

/** An HTTPS server on loopback with the self-signed test certificate. */
export function httpsTarget(handler: http.RequestListener): Promise<Target> {
  const server = https.createServer({ cert: testCertificate, key: testPrivateKey }, handler);
  server.on("tlsClientError", () => {});
  return listen(server);
}

/** A raw TCP server on loopback. */
export function tcpTarget(onConnection: (socket: net.Socket) => void): Promise<Target> {
  return listen(net.createServer(onConnection));
}

/** Timers that a test fires by their length, instead of waiting for them. */
export function manualTimers(): { setTimer: SetTimer; fire(milliseconds: number): void; pending(): number[] } {
  const timers = new Set<{ callback: () => void; milliseconds: number }>();
  return {
    setTimer(callback, milliseconds) {
      const timer = { callback, milliseconds };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    fire(milliseconds) {
      for (const timer of [...timers]) {
        if (timer.milliseconds !== milliseconds) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
    pending: () => [...timers].map(({ milliseconds }) => milliseconds).sort((a, b) => a - b),
  };
}
