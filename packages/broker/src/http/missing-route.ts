/** Tells "no such path" from "no such method on this path" (S-108). */
import type { FastifyInstance, HTTPMethods } from "fastify";
import { HttpFault } from "./http-fault.ts";

const methods: readonly HTTPMethods[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * The fault for a request that no route matched, for a `setNotFoundHandler`.
 * @param url the raw request target; it has passed the request guards.
 * @returns `method-not-allowed` with `allow` when the path has other methods, else `not-found`.
 */
export function missingRouteFault(app: FastifyInstance, url: string): HttpFault {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const allow = methods.filter((method) => {
    // Declared as always found; at run time it is null for a path without this method.
    const found: unknown = app.findRoute({ method, url: path });
    return found !== null && found !== undefined;
  });
  return allow.length === 0 ? new HttpFault("not-found") : new HttpFault("method-not-allowed", { allow });
}
