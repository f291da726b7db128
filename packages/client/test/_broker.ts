import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** One request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface FakeBroker {
  readonly url: string;
  readonly port: number;
  readonly requests: Arrived[];
  /** How many connections were opened so far. */
  connections(): number;
}

/** Starts a server that answers with `respond` and keeps what arrived; it stops with the test. */
export async function startFakeBroker(
  respond: (request: Arrived, response: ServerResponse) => void,
): Promise<FakeBroker> {
  const requests: Arrived[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = incoming;
      const arrived = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
      requests.push(arrived);
      respond(arrived, response);
    });
  });
  let connections = 0;
  server.on("connection", () => connections++);
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, port, requests, connections: () => connections };
}

/** Listens on a free loopback port; closes the server with the test. */
export async function listen(server: Server | HttpsServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers JSON, as the broker does. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** A broker that always answers the same JSON. */
export function startBrokerAnswering(
  status: number,
  body: unknown,
  headers?: Record<string, string>,
): Promise<FakeBroker> {
  return startFakeBroker((_request, response) => json(response, status, body, headers));
}

/** A port on which nobody listens. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
