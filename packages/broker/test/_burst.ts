import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

export interface BurstRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface BurstAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown;
}

/**
 * Sends requests all at once, each on a connection of its own that has carried one already: the server finds every one
 * of them in the same turn of its event loop, as under a load it cannot keep up with. New connections would not do:
 * Node accepts one a turn, which lets the requests in one by one.
 */
export async function burst(url: string, requests: readonly BurstRequest[]): Promise<BurstAnswer[]> {
  const { hostname, port, host } = new URL(url);
  const sockets = await Promise.all(requests.map(() => openConnection(hostname, Number(port), host)));
  const answers = sockets.map((socket) => text(socket));
  for (const [index, socket] of sockets.entries()) {
    const request = requests[index];
    if (request) socket.write(bytesOf(request, host));
  }
  return (await Promise.all(answers)).map(read);
}

/** A connection that the server has accepted: it has answered a call for its health on it. */
async function openConnection(hostname: string, port: number, host: string): Promise<Socket> {
  const socket = connect(port, hostname);
  socket.write(`GET /health/live HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  let answer = "";
  while (!answer.endsWith("}")) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    answer += chunk.toString("latin1");
  }
  return socket;
}

function bytesOf({ method, path, headers = {}, body = "" }: BurstRequest, host: string): string {
  const all = {
    host,
    connection: "close",
    ...(body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

function read(answer: string): BurstAnswer {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) throw new Error("a request was not answered");
  const [statusLine = "", ...lines] = answer.slice(0, end).split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const body = answer.slice(end + 4);
  return { status: Number(statusLine.split(" ")[1]), headers, text: body, json: parsed(body) };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
