import type { Route } from "@kunji/contract";
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { answerError, pageOfUnrouted, wireOfFault } from "./answer-error.ts";
import { registerApprovalPages } from "./approvals/approval-pages.ts";
import type { Assets } from "./assets.ts";
import type { BrokerContext } from "./broker-context.ts";
import { registerAccountPages } from "./console/account-pages.ts";
import { registerActivityPage } from "./console/activity-page.ts";
import { registerAppPages } from "./console/app-pages.ts";
import { registerSessionPage } from "./console/session-page.ts";
import { registerStaticIpPage } from "./console/static-ip-page.ts";
import { registerTotpSetup } from "./console/totp-setup.ts";
import { type Control, registerControlHooks, registerControlRoutes } from "./control/control.ts";
import { type Demo, registerDemo } from "./demo/demo-pages.ts";
import { dialects } from "./dialects.ts";
import { registerFrontPages } from "./front-pages.ts";
import { type HealthSources, registerHealth } from "./health.ts";
import { acceptsJson } from "./http/accept-header.ts";
import { registerBodyParsers } from "./http/body-parsers.ts";
import { HttpFault } from "./http/http-fault.ts";
import { requestLogRecord } from "./http/log-values.ts";
import { missingRouteFault } from "./http/missing-route.ts";
import { registerRequestGuards } from "./http/request-guards.ts";
import { limitConnections, serverOptions } from "./http/server-options.ts";
import { registerIntrospection } from "./oauth/introspect.ts";
import { registerMetadata } from "./oauth/metadata.ts";
import { registerRevocation } from "./oauth/revoke.ts";

export interface AppOptions {
  readonly context: BrokerContext;
  readonly assets: Assets;
  /** Hosts this server answers to (S-107); grows when a free port is known. */
  readonly hosts: { has(host: string): boolean };
  readonly health: HealthSources;
  /** The clock is not the machine's: `Date` must say its time. */
  readonly ownTime: boolean;
  readonly log?: FastifyBaseLogger | undefined;
  readonly demo?: Demo | undefined;
  readonly control?: Control | undefined;
}

/** Puts the server together, in the order a request meets its parts. */
export function createApp(options: AppOptions): FastifyInstance {
  const { context, log, control, demo } = options;
  const app = Fastify(
    serverOptions({
      randomBytes: (size) => context.random.bytes(size),
      describeFault: (fault, { url }) => wireOfFault(url, fault).body,
      pageOfUnrouted: (request) => pageOfUnrouted(context, request),
      jsonHeaders: context.jsonHeaders,
    }),
  );
  limitConnections(app.server);
  registerBodyParsers(app);
  registerRequestGuards(app, { hosts: options.hosts, cookies: context.cookies });
  requireJsonAccepted(app);
  measure(app, context, log);
  if (options.ownTime) tellTime(app, context);
  if (control) registerControlHooks(app, control, dialects);
  app.setErrorHandler((error, request, reply) => answerError(context, error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    answerError(context, missingRouteFault(app, request.raw.url ?? "/"), request, reply, log),
  );

  for (const dialect of dialects) dialect.register(app, context);
  registerMetadata(app, context);
  registerIntrospection(app, context);
  registerRevocation(app, context);
  registerApprovalPages(app, context);
  registerAccountPages(app, context);
  registerTotpSetup(app, context);
  registerAppPages(app, context);
  registerStaticIpPage(app, context);
  registerSessionPage(app, context);
  registerActivityPage(app, context);
  registerFrontPages(app, context, demo !== undefined);
  if (demo) registerDemo(app, context, demo);
  if (control) registerControlRoutes(app, control);
  registerHealth(app, context, options.health);
  options.assets.register(app);
  return app;
}

/** An API that speaks JSON only says 406 to whoever cannot read it; the authorize dialog speaks to browsers. */
function requireJsonAccepted(app: FastifyInstance): void {
  const routes = dialects.flatMap((dialect) => Object.values<Route>(dialect.routes));
  // What answers with a redirect is opened by browsers.
  const dialogs = new Set(routes.filter(({ responses }) => 302 in responses).map(({ path }) => path));
  const apiPaths = new Set(routes.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ":$1")));
  app.addHook("onRequest", (request, _reply, done) => {
    const pattern = request.routeOptions.url ?? "";
    const isApi = apiPaths.has(pattern) && !dialogs.has(pattern);
    done(isApi && !acceptsJson(request.headers.accept) ? new HttpFault("not-acceptable") : undefined);
  });
}

/** Says the clock's time in `Date`, so that callers who correct theirs by it live in the same time (S-74). */
function tellTime(app: FastifyInstance, { clock }: BrokerContext): void {
  app.addHook("onSend", (_request, reply, _payload, done) => {
    reply.header("date", new Date(clock.now()).toUTCString());
    done();
  });
}

/** Counts and logs every answer, by allow-list (S-96). */
function measure(app: FastifyInstance, { metrics }: BrokerContext, log: FastifyBaseLogger | undefined): void {
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    metrics.requests.observe(route, reply.statusCode, reply.elapsedTime / 1000);
    log?.info(
      requestLogRecord({
        routePattern: request.routeOptions.url,
        method: request.method,
        status: reply.statusCode,
        durationMs: reply.elapsedTime,
        requestId: request.id,
      }),
      "request",
    );
    done();
  });
}
