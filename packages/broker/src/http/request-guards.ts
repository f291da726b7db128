/**
 * Checks that every request passes before its route: target, headers, framing, cookies, query. They look at what
 * arrived (`rawHeaders`), because Node's merged view keeps one of two Host headers and says nothing (S-107).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Cookies } from "./cookies.ts";
import { type FormFields, noFields, parseFormFields } from "./form-fields.ts";
import { HttpFault } from "./http-fault.ts";
import { maximumHeaderFields, maximumUrlBytes, methodsWithContent } from "./route-input.ts";

export interface RequestGuardOptions {
  /**
   * The hosts this server answers to, as `Host` carries them (`authoritiesOf`). Asked per request, so that a server
   * on a free port can add its own once it listens.
   */
  readonly hosts: { has(host: string): boolean };
  /** Our cookies, to refuse two of one name (S-39). */
  readonly cookies: Cookies;
}

/**
 * Registers the guards as the first `onRequest` hook. Call it on the root instance, before routes and other hooks.
 * Afterwards `request.query` is `FormFields`.
 */
export function registerRequestGuards(app: FastifyInstance, options: RequestGuardOptions): void {
  app.addHook("onRequest", (request, reply, done) => {
    try {
      checkRequest(request, options);
    } catch (fault) {
      closeAfter(request, reply);
      throw fault;
    }
    done();
  });
}

/** The values of `Host` that name the server at this base URL: with its port, and without it when it is the default one. */
export function authoritiesOf(baseUrl: string): readonly string[] {
  const { protocol, host, hostname, port } = new URL(baseUrl);
  return port === "" ? [host, `${hostname}:${protocol === "https:" ? 443 : 80}`] : [host];
}

function checkRequest(request: FastifyRequest, { hosts, cookies }: RequestGuardOptions): void {
  const { url = "", headers, rawHeaders } = request.raw;
  checkTarget(url);
  const host = checkHeaders(rawHeaders);
  if (host === undefined || !(hosts.has(host) || hosts.has(host.toLowerCase()))) throw new HttpFault("bad-host");
  checkContent(request);
  if (headers.cookie !== undefined) cookies.read(headers.cookie);
  request.query = request.is404 ? noFields : readQuery(url, request);
}

function readQuery(url: string, request: FastifyRequest): FormFields {
  const mark = url.indexOf("?");
  return mark < 0 || mark === url.length - 1
    ? noFields
    : parseFormFields(url.slice(mark + 1), request.routeOptions.config.fieldLimits);
}

const percent = 0x25;
const slash = 0x2f;
const questionMark = 0x3f;
const backslash = 0x5c;

function checkTarget(url: string): void {
  if (url.length > maximumUrlBytes) throw new HttpFault("uri-too-long");
  // `http://other/path`, `*` and `host:port` are targets for proxies; a fragment never travels.
  if (url.charCodeAt(0) !== slash || url.includes("#")) throw malformed("request target");
  let previous = 0;
  for (let i = 0; i < url.length; i++) {
    const unit = url.charCodeAt(i);
    if (unit === questionMark) return;
    const isDoubleSlash = unit === slash && previous === slash;
    if (unit <= 0x20 || unit >= 0x7f || unit === backslash || isDoubleSlash) throw malformed("path");
    if (unit === percent && isForbiddenEscape(url, i)) throw malformed("path");
    previous = unit;
  }
}

/** True for escaped controls and backslashes. `%2F` is fine: the JS SDK sends it within a client id (protocol/upstox.md 9.4). */
function isForbiddenEscape(url: string, at: number): boolean {
  const byte = Number.parseInt(url.slice(at + 1, at + 3), 16);
  return byte < 0x20 || byte === 0x7f || byte === backslash;
}

/** Refuses repeated headers that must stand alone. @returns the one Host, if there is one. */
function checkHeaders(rawHeaders: readonly string[]): string | undefined {
  if (rawHeaders.length > 2 * maximumHeaderFields) throw new HttpFault("headers-too-large");
  let host: string | undefined;
  let authorization = 0;
  let contentType = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? "";
    // Lengths first: most headers need no comparison at all.
    if (name.length === 4 && name.toLowerCase() === "host") {
      if (host !== undefined) throw new HttpFault("bad-host", { detail: "more than one Host" });
      host = rawHeaders[i + 1];
    } else if (name.length === 13 && name.toLowerCase() === "authorization") {
      if (++authorization > 1) throw new HttpFault("repeated-parameter", { parameter: "Authorization" }); // S-22, S-32
    } else if (name.length === 12 && name.toLowerCase() === "content-type") {
      if (++contentType > 1) throw new HttpFault("repeated-parameter", { parameter: "Content-Type" });
    }
  }
  return host;
}

/**
 * Framing and coding of the content (S-104, S-107). Node refuses `Content-Length` beside `Transfer-Encoding` by
 * itself; that is checked again here because a proxy that reads the pair the other way is how requests get smuggled.
 */
function checkContent(request: FastifyRequest): void {
  const length = request.headers["content-length"];
  const transferCoding = request.headers["transfer-encoding"];
  if (transferCoding !== undefined && (length !== undefined || transferCoding.toLowerCase() !== "chunked")) {
    throw malformed("framing");
  }
  if (hasContent(request) && !methodsWithContent.has(request.method)) throw malformed("content on this method");
  if (request.headers["content-encoding"] !== undefined) {
    throw new HttpFault("unsupported-media-type", { parameter: "Content-Encoding" });
  }
}

function hasContent(request: FastifyRequest): boolean {
  const length = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/** A refused body stays unread, so the connection cannot be used again. */
function closeAfter(request: FastifyRequest, reply: FastifyReply): void {
  if (hasContent(request)) reply.header("connection", "close");
}

function malformed(detail: string): HttpFault {
  return new HttpFault("malformed", { detail });
}
