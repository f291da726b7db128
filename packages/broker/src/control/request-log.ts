import type { FastifyRequest } from "fastify";

/** A request as it arrived, with every secret replaced. */
export interface SeenRequest {
  readonly at: string;
  readonly method: string;
  /** Path without query; handles in it are replaced by the route's placeholder. */
  readonly path: string;
  readonly operationId?: string | undefined;
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

const HIDDEN_HEADERS = new Set(["authorization", "cookie", "proxy-authorization"]);
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
      if (!HIDDEN_HEADERS.has(name)) return [name, String(value)];
      // The scheme and whether there was a value are what tests ask about.
      const [scheme = "", credentials = ""] = String(value).split(" ");
      return [name, name === "authorization" ? `${scheme} ${credentials === "" ? "" : REPLACED}` : REPLACED];
    }),
  );
}

function redact(fields: unknown): Record<string, unknown> | null {
  if (typeof fields !== "object" || fields === null) return null;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SHOWN_FIELDS.has(name) ? value : REPLACED]),
  );
}
