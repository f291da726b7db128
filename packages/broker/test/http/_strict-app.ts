import Fastify, { type FastifyInstance } from "fastify";
import { registerBodyParsers } from "../../src/http/body-parsers.ts";
import { type Cookies, createCookies } from "../../src/http/cookies.ts";
import { toHttpFault } from "../../src/http/framework-fault.ts";
import type { HttpFault } from "../../src/http/http-fault.ts";
import { missingRouteFault } from "../../src/http/missing-route.ts";
import { registerRequestGuards } from "../../src/http/request-guards.ts";
import { jsonHeaders } from "../../src/http/security-headers.ts";
import { limitConnections, serverOptions } from "../../src/http/server-options.ts";

export interface StrictApp {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly cookies: Cookies;
  /** The handlers that ran, as `METHOD pattern`. */
  readonly effects: string[];
  close(): Promise<void>;
}

const describeFault = (fault: HttpFault) => ({
  kind: fault.kind,
  ...(fault.parameter === undefined ? {} : { parameter: fault.parameter }),
});

/** A small server made of the layer under test; it listens on a free loopback port. */
export async function startStrictApp(): Promise<StrictApp> {
  const effects: string[] = [];
  const hosts = new Set(["broker.example"]);
  const cookies = createCookies({ issuer: "http://127.0.0.1", prefix: "kunji_" });
  let seed = 0;
  const app = Fastify(
    serverOptions({ randomBytes: (size) => new Uint8Array(size).fill(seed++), describeFault, jsonHeaders }),
  );
  limitConnections(app.server, 64);
  registerBodyParsers(app);
  registerRequestGuards(app, { hosts, cookies });
  app.setErrorHandler((error, _request, reply) => {
    const fault = toHttpFault(error);
    return reply.code(fault.status).send(describeFault(fault));
  });
  app.setNotFoundHandler((request, reply) => {
    const fault = missingRouteFault(app, request.raw.url ?? "/");
    if (fault.allow !== undefined) reply.header("allow", fault.allow.join(", "));
    return reply.code(fault.status).send(describeFault(fault));
  });
  app.addHook("preHandler", (request, _reply, done) => {
    if (!request.is404) effects.push(`${request.method} ${request.routeOptions.url}`);
    done();
  });
  const echo = async (request: { query: unknown; body: unknown; params: unknown }) => ({
    query: request.query,
    body: request.body ?? null,
    params: request.params,
  });
  app.post("/token", { config: { content: "form", fieldLimits: { maximumBytes: { code: 64 } } } }, echo);
  app.post("/request/:client_id", { config: { content: "json" } }, echo);
  app.get("/dialog", { config: { fieldLimits: { maximumBytes: { state: 1024 } } } }, echo);
  app.get("/profile", echo);
  app.delete("/logout", echo);
  app.post("/logout", echo);
  app.get("/crash", async () => {
    throw new Error("secret detail");
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const port = Number(new URL(app.listeningOrigin).port);
  hosts.add(`127.0.0.1:${port}`);
  return { app, port, cookies, effects, close: () => app.close() };
}
