/**
 * The body parsers of the broker, in place of Fastify's own. Fastify's refuse the official SDKs (an empty JSON body
 * on DELETE) and accept what they must not (text/plain, foreign charsets).
 *
 * | sent by | request | here |
 * | --- | --- | --- |
 * | JS SDK | GET, DELETE with `Content-Type: application/json`, no body | no body |
 * | Python SDK | DELETE with JSON body `{}` | no body |
 * | Tradejini clients | POST with neither body nor Content-Type | no body |
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type FormFields, parseFormFields, refuseSharedNames } from "./form-fields.ts";
import { HttpFault } from "./http-fault.ts";
import { type JsonObject, parseJsonObject } from "./json-object.ts";
import { maximumBodyBytes } from "./route-input.ts";

const options = { parseAs: "buffer", bodyLimit: maximumBodyBytes } as const;

/**
 * Makes `app` read forms and JSON objects, each only on routes that name it in `config.content` (route-input.ts).
 * `request.body` is then `FormFields` or `JsonObject`; undefined where nothing was sent as JSON or nothing is read.
 * The parsers throw HttpFault: `unsupported-media-type`, and what the two readers throw.
 */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/x-www-form-urlencoded", options, (request, body: Buffer, done) => {
    done(null, readForm(request, body));
  });
  app.addContentTypeParser("application/json", options, (request, body: Buffer, done) => {
    done(null, readJson(request, body));
  });
  // Every other type, and chunked bodies without a type.
  app.addContentTypeParser("*", options, (request, body: Buffer, done) => {
    done(null, readNothing(request, body));
  });
}

function readForm(request: FastifyRequest, body: Buffer): FormFields | undefined {
  if (request.is404) return undefined;
  const { content, fieldLimits } = request.routeOptions.config;
  requireUtf8(request.headers["content-type"]);
  if (content === undefined && body.length === 0) return undefined;
  if (content !== "form") throw new HttpFault("unsupported-media-type");
  const fields = parseFormFields(body.toString("latin1"), fieldLimits);
  refuseSharedNames(request.query, fields);
  return fields;
}

function readJson(request: FastifyRequest, body: Buffer): JsonObject | undefined {
  if (request.is404) return undefined;
  const { content } = request.routeOptions.config;
  requireUtf8(request.headers["content-type"]);
  if (content === "form") throw new HttpFault("unsupported-media-type");
  // No body is no repair: what the route requires of it is then missing, and the route says so.
  if (body.length === 0) return undefined;
  const object = parseJsonObject(body);
  if (content === undefined) {
    if (Object.keys(object).length > 0) throw new HttpFault("malformed", { detail: "this route reads no body" });
    return undefined;
  }
  refuseSharedNames(request.query, object);
  return object;
}

function readNothing(request: FastifyRequest, body: Buffer): undefined {
  if (request.is404) return undefined;
  if (request.headers["content-type"] !== undefined || body.length > 0) throw new HttpFault("unsupported-media-type");
  return undefined;
}

/** S-104: the only parameter a content type may have is charset, and its only value is utf-8. */
function requireUtf8(contentType: string | undefined): void {
  const semicolon = contentType === undefined ? -1 : contentType.indexOf(";");
  if (contentType === undefined || semicolon < 0) return;
  const parameter = contentType
    .slice(semicolon + 1)
    .trim()
    .toLowerCase();
  if (parameter !== "charset=utf-8" && parameter !== 'charset="utf-8"') throw new HttpFault("unsupported-media-type");
}
