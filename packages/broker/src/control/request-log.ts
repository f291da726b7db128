import type { FastifyRequest } from "fastify";

/** A request as it arrived, with every secret replaced. */
export interface SeenRequest {
  readonly at: string;
  readonly method: string;
  /** Path without query; handles in it are replaced by the route's placeholder. */
  readonly path: string;
  readonly operationId?: string | undefined;
  /** 0 when an injected fault dropped the connection. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>> | null;
}

/** Only these values are shown; whatever else arrives is replaced, so that a new field cannot leak (S-96). */
const SHOWN_FIELDS = new Set([
  "client_id",
  "redirect_uri",
  "response_type",
  "grant_type",
  "scope",
  "state",
  "segment",
  "decision",
  "code_challenge_method",
  "refresh_extended_token",
  "primary_ip",
  "secondary_ip",
  "primaryIp",
  "secondaryIp",
  "two_fa_type",
  "twoFaTyp",
]);

/** The same for headers: what clients are told apart by, and nothing that could carry a credential. */
const SHOWN_HEADERS = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "api-version",
  "connection",
  "content-length",
  "content-type",
  "host",
  "origin",
  "transfer-encoding",
  "user-agent",
  "x-upstox-sdk-language",
  "x-upstox-sdk-version",
]);

const REPLACED = "[redacted]";
const KEPT = 1_000;

/** The last thousand requests, for tests. */
export class RequestLog {
  #seen: SeenRequest[] = [];

  add(request: FastifyRequest, status: number, at: number, operationId: string | undefined): void {
    this.#seen.push({
      at: new Date(at).toISOString(),
      method: request.method,
      path: request.routeOptions.url ?? "(no route)",
      operationId,
      status,
      headers: redactHeaders(request.headers),
      query: redact(request.query) as Record<string, string>,
      body: redact(request.body),
    });
    if (this.#seen.length > KEPT) this.#seen = this.#seen.slice(-KEPT);
  }

  /** Oldest first. */
  list(): readonly SeenRequest[] {
    return [...this.#seen];
  }

  clear(): void {
    this.#seen = [];
  }
}

function redactHeaders(headers: FastifyRequest["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (name === "authorization") return [name, redactAuthorization(String(value))];
      return [name, SHOWN_HEADERS.has(name) ? String(value) : REPLACED];
    }),
  );
}

/** The scheme and whether there was a value are what tests ask about; a token without a scheme is all secret. */
function redactAuthorization(value: string): string {
  const [scheme = "", credentials = ""] = value.split(" ");
  if (!/^(?:bearer|basic)$/i.test(scheme)) return value === "" ? "" : REPLACED;
  return credentials === "" ? `${scheme} ` : `${scheme} ${REPLACED}`;
}

function redact(fields: unknown): Record<string, unknown> | null {
  if (typeof fields !== "object" || fields === null) return null;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SHOWN_FIELDS.has(name) ? value : REPLACED]),
  );
}
