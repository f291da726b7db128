/** How the service's Fastify instances are built: limits, timeouts and strictness, each set on purpose (S-126). */
import { randomBytes } from "node:crypto";
import { type Server, type ServerOptions, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type FastifyHttpOptions, LogController } from "fastify";
import { faultAnswer } from "./service-fault.ts";

const MAXIMUM_CONNECTIONS = 512;
const MAXIMUM_BODY_BYTES = 4_096;

const HTTP: ServerOptions = {
  maxHeaderSize: 8_192,
  insecureHTTPParser: false,
  headersTimeout: 10_000,
  // Node looks for late connections every 30 s by default, which would stretch the timeouts by as much.
  connectionsCheckingInterval: 2_000,
  // Node would answer a missing Host with an empty 400; request-guards.ts answers with a body.
  requireHostHeader: false,
};

/** Headers of every answer: nothing is stored (S-55), nothing is guessed. No CORS header exists in this service. */
export const DATA_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;

export function serverOptions(): FastifyHttpOptions<Server> {
  return {
    http: HTTP,
    bodyLimit: MAXIMUM_BODY_BYTES,
    requestTimeout: 15_000,
    keepAliveTimeout: 10_000,
    // A socket on which nothing moves. Requests that wait on purpose lift it: long-request.ts.
    connectionTimeout: 20_000,
    // A request on a connection that is already open gets its real answer while the service stops.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false,
    trustProxy: false,
    requestIdHeader: false, // an id that the sender chooses is a value of the sender in our log
    genReqId: () => randomBytes(9).toString("base64url"),
    // Fastify's own request lines carry the URL (S-96).
    logController: new LogController({ disableRequestLogging: true }),
    ajv: { customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false, allErrors: false } },
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      allowUnsafeRegex: false,
      maxParamLength: 128,
    },
    frameworkErrors(error, _request, reply) {
      const { status, body } = rawAnswer(error);
      reply.raw.writeHead(status, headersOf(body)).end(body);
    },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket),
  };
}

/** Node takes these as properties only. */
export function limitServer(server: Server): void {
  server.maxConnections = MAXIMUM_CONNECTIONS;
  // By default Node drops headers after the thousandth without a word: a second Host could hide there (S-107).
  server.maxHeadersCount = 0;
}

/** Answers bytes that never became a request, and closes. */
function refuseConnection(error: Error, socket: Duplex): void {
  if (!socket.writable || Reflect.get(error, "code") === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const { status, body } = rawAnswer(error);
  const head = Object.entries({ ...headersOf(body), connection: "close" }).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("\r\n")}\r\n\r\n${body}`, () =>
    socket.destroy(),
  );
}

function rawAnswer(error: Error): { status: number; body: string } {
  const { status, body } = faultAnswer(error);
  return { status, body: JSON.stringify(body) };
}

function headersOf(body: string): Record<string, string | number> {
  return {
    ...DATA_HEADERS,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  };
}
