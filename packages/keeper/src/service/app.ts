import Fastify, { type FastifyInstance } from "fastify";
import { registerAccountsEndpoint } from "./accounts-endpoint.ts";
import type { Bearer } from "./bearer.ts";
import { registerCheckEndpoint } from "./check-endpoint.ts";
import { type DashboardOptions, registerDashboard } from "./dashboard/dashboard.ts";
import type { EventStreams } from "./event-streams.ts";
import { registerEventsEndpoint } from "./events-endpoint.ts";
import { registerLoginEndpoint } from "./login-endpoint.ts";
import { refuseBrowsers, registerRequestGuards } from "./request-guards.ts";
import { DATA_HEADERS, limitServer, serverOptions } from "./server-options.ts";
import type { ServiceContext } from "./service-context.ts";
import { faultAnswer, missing, ServiceFault } from "./service-fault.ts";
import { errorFields } from "./service-log.ts";
import { registerTokenEndpoint } from "./token-endpoint.ts";

export interface AppOptions {
  readonly context: ServiceContext;
  readonly streams: EventStreams;
  /** `socket`: who can open it is its owner. `loopback`: anybody on the machine and every web page, so a bearer decides. */
  readonly door: "socket" | "loopback";
  readonly hosts: { has(host: string): boolean };
  /** Loopback only. */
  readonly bearer?: Bearer;
  /** Loopback only. */
  readonly dashboard?: Omit<DashboardOptions, "context" | "streams">;
}

/** One listener of the service, put together in the order a request meets its parts. */
export function createApp(options: AppOptions): FastifyInstance {
  const { context, door, bearer } = options;
  const app = Fastify(serverOptions());
  limitServer(app.server);
  app.removeAllContentTypeParsers();
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(DATA_HEADERS);
    done();
  });
  registerRequestGuards(app, options.hosts);
  logRequests(app, options);
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = faultAnswer(error);
    if (status === 500) context.log.error("a request failed", { requestId: request.id, ...errorFields(error) });
    reply.status(status).send(body);
  });
  app.setNotFoundHandler(() => {
    throw missing();
  });

  // Encapsulated: what a program may do, and what a browser may do, share no hook.
  app.register(async (api) => {
    api.addHook("onRequest", async (request, reply) => {
      refuseBrowsers(request);
      if (door === "socket" || bearer?.fits(request.headers.authorization)) return;
      reply.header("www-authenticate", 'Bearer realm="kunji keeper"');
      throw new ServiceFault("UNAUTHORIZED", "the bearer is missing or wrong", BEARER_STEP);
    });
    refuseBodies(api);
    registerTokenEndpoint(api, context);
    registerAccountsEndpoint(api, context);
    registerLoginEndpoint(api, context);
    registerCheckEndpoint(api, context);
    registerEventsEndpoint(api, context, options.streams);
    registerDashboardLinks(api, context);
  });
  registerHealth(app, context);
  const { dashboard, streams } = options;
  if (dashboard) app.register(async (pages) => registerDashboard(pages, { ...dashboard, context, streams }));
  return app;
}

const BEARER_STEP = "It is in the file bearer beside the socket, anew at every start. Or use the socket.";

/** `POST /v1/dashboard-links`: a link that lets one browser in once; for `kunji dashboard`. */
function registerDashboardLinks(api: FastifyInstance, { dashboardLink }: ServiceContext): void {
  api.post("/v1/dashboard-links", async (_request, reply) => {
    const { url, endsAt } = dashboardLink();
    return reply.status(201).send({ url, endsAt: Math.floor(endsAt / 1000) });
  });
}

/** Says that it answers, to anybody who is no web page; nothing else. */
function registerHealth(app: FastifyInstance, { stopping }: ServiceContext): void {
  app.get("/health", async (request, reply) => {
    refuseBrowsers(request);
    return stopping.aborted ? reply.status(503).send({ status: "stopping" }) : { status: "ok" };
  });
}

/** No endpoint reads a body: an empty one may come with any type, a full one is a mistake. */
function refuseBodies(api: FastifyInstance): void {
  api.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    const text = String(body).trim();
    if (text === "" || text === "{}") done(null, undefined);
    else done(new ServiceFault("BAD_REQUEST", "this address reads no body"));
  });
}

/** By allow-list (S-96). */
function logRequests(app: FastifyInstance, { context, door }: AppOptions): void {
  app.addHook("onResponse", (request, reply, done) => {
    context.log.info("request", {
      requestId: request.id,
      door,
      route: request.routeOptions.url ?? "none",
      method: request.method,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
    });
    done();
  });
}
