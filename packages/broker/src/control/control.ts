import type { FastifyInstance, FastifyReply } from "fastify";
import type { SettableClock } from "../clock.ts";
import type { Dialect } from "../dialect.ts";
import { HttpFault } from "../http/http-fault.ts";
import type { JsonObject } from "../http/json-object.ts";
import { isLoopbackAddress } from "../http/loopback-host.ts";
import { createJsonHeaders } from "../http/security-headers.ts";
import { type Fault, type FaultPlan, faultProblem } from "./faults.ts";
import type { RequestLog } from "./request-log.ts";

/** What a test may do to a running broker. */
export interface Control {
  readonly clock: SettableClock;
  readonly faults: FaultPlan;
  readonly requests: RequestLog;
  /** Back to freshly seeded data, the real clock, no faults and no requests. */
  readonly reset: () => Promise<void>;
}

/** Hooks that inject faults and remember requests. Register before any route. */
export function registerControlHooks(app: FastifyInstance, control: Control, dialects: readonly Dialect[]): void {
  const operations = new Map(
    dialects.flatMap(({ name, routes }) =>
      Object.values(routes).map(({ id, method, path }) => [
        `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
        { dialect: name, operationId: id },
      ]),
    ),
  );
  const operationOf = (method: string, pattern: string | undefined) => operations.get(`${method} ${pattern ?? ""}`);

  app.addHook("preHandler", async (request, reply) => {
    const pattern = request.routeOptions.url;
    if (pattern === undefined || pattern.startsWith("/control/")) return;
    const operation = operationOf(request.method, pattern);
    const fault = control.faults.take({
      method: request.method,
      pattern,
      operationId: operation?.operationId,
      dialect: operation?.dialect,
    });
    if (!fault) return;
    if (fault.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault.drop) {
      // A dropped request gets no answer, so no later hook sees it; it has arrived all the same.
      control.requests.add(request, 0, control.clock.now(), operation?.operationId);
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    }
    if (fault.status === undefined && fault.body === undefined) return;
    return sendFault(reply, fault, dialects.find((dialect) => dialect.owns(pattern)) ?? dialects[0]);
  });

  app.addHook("onResponse", async (request, reply) => {
    const pattern = request.routeOptions.url;
    if (pattern?.startsWith("/control/")) return;
    control.requests.add(
      request,
      reply.statusCode,
      control.clock.now(),
      operationOf(request.method, pattern)?.operationId,
    );
  });
}

/** `/control/*`: only with `--control`, and only for callers on this machine (S-131). */
export function registerControlRoutes(app: FastifyInstance, control: Control): void {
  app.addHook("onRequest", async (request) => {
    const isControl = request.routeOptions.url?.startsWith("/control/") ?? false;
    if (isControl && !isLoopbackAddress(request.socket.remoteAddress)) throw new HttpFault("not-found");
    // A web page cannot be allowed to move the clock: browsers name their page in Origin.
    if (isControl && request.headers.origin !== undefined) throw new HttpFault("not-found");
  });

  app.post("/control/clock", { config: { content: "json" } }, async (request, reply) => {
    const problem = moveClock(control.clock, (request.body ?? {}) as JsonObject);
    if (problem) return refuse(reply, problem);
    return reply.send({ now: new Date(control.clock.now()).toISOString() });
  });

  app.post("/control/faults", { config: { content: "json" } }, async (request, reply) => {
    const input = (request.body ?? {}) as JsonObject;
    const problem = faultProblem(input);
    if (problem) return refuse(reply, problem);
    control.faults.add(input as unknown as Fault);
    return reply.code(201).send({ status: "added" });
  });

  app.delete("/control/faults", async (_request, reply) => {
    control.faults.clear();
    return reply.send({ status: "cleared" });
  });

  app.get("/control/requests", async (_request, reply) => reply.send(control.requests.list()));

  app.post("/control/reset", async (_request, reply) => {
    await control.reset();
    return reply.send({ status: "reset" });
  });
}

/** Later times have a fifth digit in their year, or none at all once a token's life is added. */
const LATEST_MS = Date.UTC(9999, 0);

/** `now`: ISO 8601 text or epoch milliseconds; `advanceSeconds`: a number, also below zero. */
function moveClock(clock: SettableClock, { now, advanceSeconds, ...others }: JsonObject): string | undefined {
  if (Object.keys(others).length > 0 || (now === undefined) === (advanceSeconds === undefined)) {
    return "give either now or advanceSeconds";
  }
  if (advanceSeconds !== undefined) {
    if (typeof advanceSeconds !== "number") return "advanceSeconds must be a number";
    if (!isUsableTime(clock.now() + advanceSeconds * 1000)) return "advanceSeconds must end between 1970 and 9999";
    clock.advance(advanceSeconds);
    return undefined;
  }
  const instant = typeof now === "number" ? now : typeof now === "string" ? Date.parse(now) : Number.NaN;
  if (!isUsableTime(instant)) return "now must be an ISO 8601 time or epoch milliseconds, between 1970 and 9999";
  clock.set(instant);
  return undefined;
}

function isUsableTime(epochMs: number): boolean {
  return epochMs >= 0 && epochMs < LATEST_MS;
}

/** What a real answer carries too. */
const jsonHeaders = createJsonHeaders({ https: false });

function sendFault(reply: FastifyReply, fault: Fault, dialect: Dialect | undefined) {
  const status = fault.status ?? 200;
  reply.code(status).headers(jsonHeaders);
  if (typeof fault.body === "string") return reply.type("text/plain; charset=utf-8").send(fault.body);
  if (fault.body !== undefined) return reply.type("application/json").send(JSON.stringify(fault.body));
  const kind = status === 429 ? "rate-limited" : status === 404 ? "not-found" : "internal";
  return reply.type("application/json").send(dialect?.describeFault(new HttpFault(kind)).body ?? {});
}

function refuse(reply: FastifyReply, problem: string) {
  return reply.code(400).send({ error: problem });
}
