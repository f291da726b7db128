import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "./broker-context.ts";
import type { WireError } from "./dialect.ts";
import { dialectOfPath, dialects } from "./dialects.ts";
import { ClockBehind } from "./grants/trusted-clock.ts";
import { wantsHtml } from "./http/accept-header.ts";
import { toHttpFault } from "./http/framework-fault.ts";
import { HttpFault } from "./http/http-fault.ts";
import { failureLogRecord, logText } from "./http/log-values.ts";
import type { BarePage, UnroutedRequest } from "./http/server-options.ts";
import { describeOAuthFault, OAuthError } from "./oauth/oauth-error.ts";
import { Overloaded } from "./overloaded.ts";
import { badRequestPage, busyPage, notFoundPage, serverErrorPage, tooManyRequestsPage } from "./pages/index.ts";
import { StoreUnavailable } from "./store/database.ts";

/**
 * Decides what leaves the process when something went wrong, for every path: the dialect's shape on its API, OAuth's
 * on the OAuth endpoints, a page for a person. No stack, SQL, path or input (S-110).
 */
export function answerError(
  context: BrokerContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: FastifyBaseLogger | undefined,
) {
  const path = pathOf(request);
  const wire = ownWireError(path, error);
  if (wire) return sendWire(context, reply, wire);

  const fault = toFault(error);
  if (error instanceof StoreUnavailable) context.metrics.storeFailures.request.add();
  if (error instanceof Overloaded) reportOverload(context, log, request, error);
  else if (fault.status >= 500) logFailure(log, request, error);
  if (fault.allow) reply.header("allow", fault.allow.join(", "));
  if (fault.retryAfterSeconds !== undefined) reply.header("retry-after", String(fault.retryAfterSeconds));
  if (isForPerson(path, request.headers.accept)) {
    return reply
      .code(fault.status)
      .headers(context.pageHeaders())
      .type("text/html; charset=utf-8")
      .send(pageFor(context, fault, request.id));
  }
  return sendWire(context, reply, wireOfFault(path, fault));
}

/** A fault as programs read it. @param url path or whole request target; undefined where there was none */
export function wireOfFault(url: string | undefined, fault: HttpFault): WireError {
  const path = pathIn(url);
  return isOAuthPath(path) ? describeOAuthFault(fault) : dialectOfPath(path).describeFault(fault);
}

/**
 * What `answerError()` decides, for a request without a route, since its address cannot be read. To a person that is one
 * with nothing behind it, whatever the status tells programs.
 */
export function pageOfUnrouted(
  context: BrokerContext,
  { requestId, url, accept }: UnroutedRequest,
): BarePage | undefined {
  if (!isForPerson(pathIn(url), accept)) return undefined;
  const html = notFoundPage({ ...context.page({ brokerName: "Kunji" }), requestId, homeHref: "/" });
  return { html, headers: context.pageHeaders() };
}

/** The wire shape of errors that handlers throw on purpose. */
function ownWireError(path: string, error: unknown): WireError | undefined {
  if (error instanceof OAuthError) {
    return { status: error.status, body: { error: error.code }, retryAfterSeconds: error.retryAfterSeconds };
  }
  return dialectOfPath(path).describeError(error);
}

function toFault(error: unknown): HttpFault {
  if (error instanceof Overloaded) {
    return new HttpFault("overloaded", { retryAfterSeconds: error.retryAfterSeconds, cause: error });
  }
  if (error instanceof StoreUnavailable) return new HttpFault("unavailable", { retryAfterSeconds: 5, cause: error });
  if (error instanceof ClockBehind) return new HttpFault("unavailable", { retryAfterSeconds: 60, cause: error });
  return toHttpFault(error);
}

function sendWire(context: BrokerContext, reply: FastifyReply, wire: WireError) {
  if (wire.retryAfterSeconds !== undefined) reply.header("retry-after", String(wire.retryAfterSeconds));
  return reply.code(wire.status).headers(context.jsonHeaders).type("application/json").send(wire.body);
}

/** Operations that a browser opens: they lead to a login page. */
const dialogs: ReadonlySet<string> = new Set(
  dialects.flatMap(({ routes }) =>
    Object.values(routes).flatMap((route) => (302 in route.responses ? [route.path] : [])),
  ),
);

/** APIs answer programs whatever they accept; everything else answers a browser with a page. */
function isForPerson(path: string, accept: string | undefined): boolean {
  const isApi = isOAuthPath(path) || (dialects.some((dialect) => dialect.owns(path)) && !dialogs.has(path));
  return !isApi && wantsHtml(accept);
}

function isOAuthPath(path: string): boolean {
  return path.startsWith("/oauth/");
}

function pageFor(context: BrokerContext, fault: HttpFault, requestId: string): string {
  const view = { ...context.page({ brokerName: "Kunji" }), requestId };
  if (fault.status === 404 || fault.status === 405) return notFoundPage({ ...view, homeHref: "/" });
  const seconds = fault.retryAfterSeconds ?? 60;
  const retryAfter = seconds <= 60 ? "in a minute" : `in ${Math.ceil(seconds / 60)} minutes`;
  if (fault.status === 429) return tooManyRequestsPage({ ...view, retryAfter });
  if (fault.status === 503) {
    const isCode = fault.cause instanceof Overloaded && fault.cause.queue === "messages";
    return busyPage({ ...view, retryAfter, unsent: isCode ? "code" : undefined });
  }
  return fault.status >= 500 ? serverErrorPage(view) : badRequestPage(view);
}

/** One short line and a count: a flood must not fill the log with stacks. */
function reportOverload(
  { metrics }: BrokerContext,
  log: FastifyBaseLogger | undefined,
  request: FastifyRequest,
  { queue }: Overloaded,
): void {
  metrics.overloads.of({ queue }).add();
  log?.warn({ requestId: request.id, route: request.routeOptions.url ?? "none", queue }, "refused: a queue is full");
}

/** With a stack where it is a defect; what the database or the clock does is a line without one, also in a flood. */
function logFailure(log: FastifyBaseLogger | undefined, request: FastifyRequest, error: unknown): void {
  const isDefect = !(error instanceof StoreUnavailable || error instanceof ClockBehind);
  const stack = isDefect && error instanceof Error ? { stack: logText(error.stack ?? "", 2000) } : {};
  const where = { requestId: request.id, route: request.routeOptions.url ?? "none" };
  log?.error({ ...where, ...failureLogRecord(error), ...stack }, "request failed");
}

function pathOf(request: FastifyRequest): string {
  return pathIn(request.raw.url);
}

function pathIn(url = "/"): string {
  const mark = url.indexOf("?");
  return mark < 0 ? url : url.slice(0, mark);
}
