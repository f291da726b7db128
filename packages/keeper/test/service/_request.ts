import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** The body as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Where a service listens: a socket's path, or `http://127.0.0.1:<port>`. */
export type Place = string;

/** One request on a connection of its own. `fetch` would add headers that say it is a script. */
export async function call(place: Place, path: string, options: Call = {}): Promise<Answer> {
  const response = await open(place, path, options);
  const body = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: body,
    get json() {
      return JSON.parse(body) as Readonly<Record<string, unknown>>;
    },
  };
}

/** The answer as soon as its head is there, for streams. */
export function open(
  place: Place,
  path: string,
  { method = "GET", headers = {}, body, signal }: Call = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { ...target(place), path, method, headers, agent: false, ...(signal ? { signal } : {}) },
      resolve,
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function target(place: Place) {
  if (!place.startsWith("http:")) return { socketPath: place, host: "localhost" };
  const { hostname, port } = new URL(place);
  return { host: hostname, port };
}

/** Bytes as they are. @returns everything that came until the other side closed */
export function sendRaw(place: Place, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = place.startsWith("http:")
      ? connect(Number(new URL(place).port), "127.0.0.1")
      : connect({ path: place });
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (piece) => {
      received += piece;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(received));
    socket.write(bytes);
  });
}
