/** What a route says about its input. Routes put it into Fastify's `config`; the guards and body parsers read it. */
import type { FieldLimits } from "./form-fields.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * The one content type this route reads (S-104). Absent: it reads no body. An empty body, and the empty JSON
     * object that the Python SDK sends with DELETE, are then accepted and `request.body` stays undefined.
     */
    readonly content?: "form" | "json";
    /** Longest values of its form and query fields, where the default of 2048 bytes does not fit (S-100). */
    readonly fieldLimits?: FieldLimits;
  }
}

/** Methods whose requests may carry content at all; on every other method content is refused (S-107, S-108). */
export const methodsWithContent: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Most bytes of a request body (S-100). */
export const maximumBodyBytes = 16 * 1024;
/** Most bytes of a request target: path and query (S-100). */
export const maximumUrlBytes = 8 * 1024;
/** Most bytes of the request line and all headers (S-100). */
export const maximumHeaderBytes = 16 * 1024;
/** Most header fields of a request. */
export const maximumHeaderFields = 100;
