/** How the broker's Fastify instance is built: limits, timeouts and strictness, each set on purpose. */
import cluster from "node:cluster";
import type { Server, ServerOptions } from "node:http";
import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from "fastify";
import { type BareAnswers, jsonAnswerHeaders, refuseConnection } from "./client-errors.ts";
import { noFields } from "./form-fields.ts";
import { toHttpFault } from "./framework-fault.ts";
import { maximumBodyBytes, maximumHeaderBytes } from "./route-input.ts";
import type { Headers } from "./security-headers.ts";

/** How long a connection may take over each thing, in milliseconds (S-126). */
export interface ConnectionTimeouts {
  /** From the first byte of a request to the end of its headers. */
  readonly headers: number;
  /** From the first byte of a request to its last. */
  readonly request: number;
  /** Between an answer and the next request. */
  readonly keepAlive: number;
  /** Without a byte in either direction: somebody who does not read our answer. */
  readonly idle: number;
  /** How often connections are looked at for the first two. */
  readonly check: number;
}

export const connectionTimeouts: ConnectionTimeouts = {
  headers: 10_000,
  request: 15_000,
  keepAlive: 10_000,
  idle: 20_000,
  // Node's 30 s would stretch the first two to 40 and 45 s.
  check: 2_000,
};

/** A page, complete with its headers but for its length. */
export interface BarePage {
  readonly html: string;
  readonly headers: Headers;
}

/** A request whose address the router could not read, such as one with a broken percent-encoding. */
export interface UnroutedRequest {
  readonly requestId: string;
  /** The raw request target. */
  readonly url: string | undefined;
  readonly accept: string | undefined;
}

export interface ServerOptionsInput extends BareAnswers {
  /** The page for a person at such an address; undefined where the answer is data. Absent: it always is. */
  readonly pageOfUnrouted?: (request: UnroutedRequest) => BarePage | undefined;
  /** Randomness for request ids. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger?: FastifyBaseLogger;
  /** Others than the usual ones, for tests. */
  readonly timeouts?: ConnectionTimeouts;
}

/** Connections one process holds at the same time unless told otherwise (S-126). */
export const defaultMaximumConnections = 4096;

/** Options for `Fastify()`. After that call, call `limitConnections(app.server)`. */
export function serverOptions(input: ServerOptionsInput): FastifyHttpOptions<Server> {
  const { logger, timeouts = connectionTimeouts } = input;
  const newRequestId = requestIds(input.randomBytes);
  return {
    http: { ...httpOptions, headersTimeout: timeouts.headers, connectionsCheckingInterval: timeouts.check },
    bodyLimit: maximumBodyBytes,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    connectionTimeout: timeouts.idle,
    // S-115: a request on a connection that is already open gets its real answer, with `Connection: close`.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    exposeHeadRoutes: false, // S-108
    trustProxy: false, // client-address.ts decides (S-51)
    requestIdHeader: false, // an id that the sender chooses is a value of the sender in our log
    genReqId: newRequestId,
    // Fastify's own request lines carry the URL (S-96); log-values.ts has ours.
    logController: new LogController({ disableRequestLogging: true }),
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    ajv: {
      // S-102: a schema judges a value and leaves it alone.
      customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false, allErrors: false },
    },
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      allowUnsafeRegex: false,
      maxParamLength: 256,
      // The router must not throw, so the query is left to request-guards.ts, which reads it for real.
      querystringParser: () => noFields,
    },
    // The router could not read the path. No route, so no hooks and no serializer either: the answer is written raw.
    frameworkErrors: (error, request, reply) => {
      const fault = toHttpFault(error);
      const { url, headers } = request.raw;
      const page = input.pageOfUnrouted?.({ requestId: request.id, url, accept: headers.accept });
      const body = page ? page.html : JSON.stringify(input.describeFault(fault, { requestId: request.id, url }));
      reply.raw.writeHead(fault.status, page ? pageAnswerHeaders(page) : jsonAnswerHeaders(input, body)).end(body);
    },
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, input, newRequestId()),
  };
}

function pageAnswerHeaders({ headers, html }: BarePage): Record<string, string | number> {
  return { ...headers, "content-type": "text/html; charset=utf-8", "content-length": Buffer.byteLength(html) };
}

const httpOptions: ServerOptions = {
  maxHeaderSize: maximumHeaderBytes,
  insecureHTTPParser: false,
  // Node would answer a missing Host with an empty 400; request-guards.ts answers in the dialect's shape.
  requireHostHeader: false,
};

/**
 * Caps the connections and makes every header visible; Node takes neither as an option.
 * @param sharesPort whether this is one of several workers (`kunji serve --workers`)
 */
export function limitConnections(
  server: Server,
  maximumConnections = defaultMaximumConnections,
  sharesPort: boolean = cluster.isWorker,
): void {
  if (sharesPort) closeBeyond(server, maximumConnections);
  else server.maxConnections = maximumConnections;
  // By default Node drops the headers after the thousandth without a word: a second Host could hide there.
  // Zero lifts that; the count is limited by maxHeaderSize and by request-guards.ts.
  server.maxHeadersCount = 0;
}

/**
 * What a worker with `maxConnections` does not take goes back to the parent, which offers it to the next one: with all of
 * them full, round and round, at the cost of half a core.
 * @see https://github.com/nodejs/node/blob/v20.x/lib/internal/cluster/round_robin_handle.js `handoff()`
 */
function closeBeyond(server: Server, maximumConnections: number): void {
  let open = 0;
  server.on("connection", (socket) => {
    if (open >= maximumConnections) {
      socket.destroy();
      return;
    }
    open += 1;
    socket.once("close", () => {
      open -= 1;
    });
  });
}

const idBytes = 9;
const idsPerDraw = 256;

/** Request ids: 12 characters of base64url. Randomness is drawn for many at once, a system call each would cost more than the id. */
function requestIds(randomBytes: (size: number) => Uint8Array): () => string {
  let pool = Buffer.alloc(0);
  let position = 0;
  return () => {
    if (position >= pool.length) {
      pool = Buffer.from(randomBytes(idBytes * idsPerDraw));
      position = 0;
    }
    const id = pool.toString("base64url", position, position + idBytes);
    position += idBytes;
    return id;
  };
}
