/** Turns what Fastify and Node throw into faults, so that a dialect's error handler reads one type only. */
import { HttpFault, type HttpFaultKind } from "./http-fault.ts";

const kindsByCode: Readonly<Record<string, HttpFaultKind>> = {
  FST_ERR_NOT_FOUND: "not-found",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported-media-type",
  FST_ERR_CTP_BODY_TOO_LARGE: "payload-too-large",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "malformed",
  FST_ERR_BAD_URL: "malformed",
  FST_ERR_MAX_PARAM_LENGTH: "uri-too-long",
  FST_ERR_VALIDATION: "malformed",
  FST_ERR_HANDLER_TIMEOUT: "overloaded",
  // The sender went away or broke its chunked framing while we read the body: nobody hears the answer.
  ECONNRESET: "malformed",
  // Node's parser, before there is a request.
  HPE_HEADER_OVERFLOW: "headers-too-large",
  ERR_HTTP_REQUEST_TIMEOUT: "request-timeout",
};

/**
 * The fault for anything thrown while a request was served.
 * @returns the error itself when it is a fault; `internal` (500) for what is not known here, with `cause` set.
 */
export function toHttpFault(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error;
  const code = codeOf(error);
  const kind = code === undefined ? undefined : kindsByCode[code];
  // Framework messages quote the request (URLs, values), so only the code goes on (S-110).
  if (kind !== undefined) return new HttpFault(kind, { detail: code ?? kind, cause: error });
  if (code?.startsWith("HPE_")) return new HttpFault("malformed", { detail: code, cause: error });
  return new HttpFault("internal", { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
