/** What every request passes before its route. It looks at what arrived: Node's merged view keeps one of two Hosts. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ServiceFault } from "./service-fault.ts";

const LONGEST_URL = 2_048;
const MOST_HEADERS = 100;
const METHODS_WITH_BODY = new Set(["POST"]);

/**
 * Refuses other hosts (DNS rebinding), odd request targets and ambiguous framing (S-107).
 * @param hosts values of `Host` that mean this server; asked per request, since a free port is known late
 */
export function registerRequestGuards(app: FastifyInstance, hosts: { has(host: string): boolean }): void {
  app.addHook("onRequest", (request, reply, done) => {
    const fault = findFault(request, hosts);
    // A refused body stays unread, so the connection cannot be used again.
    if (fault && hasBody(request)) reply.header("connection", "close");
    done(fault);
  });
}

function findFault(request: FastifyRequest, hosts: { has(host: string): boolean }): ServiceFault | undefined {
  const { url = "", rawHeaders } = request.raw;
  if (url.length > LONGEST_URL || rawHeaders.length > 2 * MOST_HEADERS) {
    return new ServiceFault("TOO_LARGE", "the request is too large");
  }
  if (!/^\/(?!\/)[\x21-\x7e]*$/.test(url) || url.includes("#") || url.includes("\\")) return malformed();
  const host = onlyHeader(rawHeaders, "host");
  if (host === undefined || !hosts.has(host)) {
    return new ServiceFault(
      "WRONG_HOST",
      "this keeper answers to its own address only",
      "Use the address that `kunji keep` printed.",
    );
  }
  if (countOf(rawHeaders, "authorization") > 1 || countOf(rawHeaders, "cookie") > 1) return malformed();
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  if (coding !== undefined && (length !== undefined || coding !== "chunked")) return malformed();
  if (hasBody(request) && !METHODS_WITH_BODY.has(request.method)) return malformed();
  return undefined;
}

/**
 * Refuses what a web page sent (S-75): browsers say so in `Origin` or `Sec-Fetch-Site`, which scripts cannot remove.
 * The API is for programs; pages have the dashboard's own routes.
 */
export function refuseBrowsers(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin === undefined && request.headers["sec-fetch-site"] === undefined) return;
  throw new ServiceFault("BROWSER_REFUSED", "this address is not for web pages", "Open the dashboard at /.");
}

function onlyHeader(rawHeaders: readonly string[], wanted: string): string | undefined {
  if (countOf(rawHeaders, wanted) !== 1) return undefined;
  return rawHeaders[rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted) + 1];
}

function countOf(rawHeaders: readonly string[], wanted: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === wanted.length && rawHeaders[i]?.toLowerCase() === wanted) count++;
  }
  return count;
}

function hasBody({ headers }: FastifyRequest): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

function malformed(): ServiceFault {
  return new ServiceFault("BAD_REQUEST", "the request is not understood");
}
