/**
 * The shape of one wire operation. A route is data: the client sends it, the broker mounts it, the OpenAPI
 * document and docs/wire.md print it. Nothing here knows a broker by name.
 */

/** The subset of JSON Schema (draft 2020-12) the contract uses. Plain data, so that it needs no library. */
export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  /** Exactly one of these. */
  readonly oneOf?: readonly Schema[];
  /** With a string: what the text holds, such as `application/json`; `contentSchema` describes it. */
  readonly contentMediaType?: string;
  readonly contentSchema?: Schema;
  readonly pattern?: string;
  readonly format?: string;
  readonly examples?: readonly unknown[];
}

export type SchemaType = "string" | "number" | "integer" | "boolean" | "object" | "array" | "null";

export type HttpMethod = "GET" | "POST" | "PUT" | "DELETE";

/**
 * How far a fact is documented, as in the protocol pages: vendor page, vendor OpenAPI, official SDK, community, our
 * inference; `kunji` marks an addition of ours that the vendor does not have (PKCE, `iss`).
 */
export type Certainty = "doc" | "oas" | "sdk" | "community" | "inferred" | "kunji";

/** One parameter and where it travels. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
  readonly description?: string;
  readonly certainty?: Certainty;
}

/** A request body: a form or a JSON object, both described by an object schema. */
export interface RequestBody {
  readonly contentType: "application/x-www-form-urlencoded" | "application/json";
  readonly required: boolean;
  readonly schema: Schema;
}

export interface ResponseSpec {
  readonly description: string;
  /** Absent for responses without a JSON body (a redirect). */
  readonly schema?: Schema;
  /** Response headers that carry data, by name. */
  readonly headers?: Readonly<Record<string, Schema>>;
}

export interface Route {
  /** The operation id of the vendor's documents and SDKs. */
  readonly id: string;
  readonly method: HttpMethod;
  /** Path below the host, with `{name}` placeholders. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /**
   * `bearer`: an access token in the Authorization header. `secret`: the app's secret travels in the body. `api-key`:
   * the app's API key in the Authorization header, as a bearer.
   */
  readonly auth: "none" | "bearer" | "secret" | "api-key";
  readonly parameters: readonly Parameter[];
  readonly body?: RequestBody;
  /** By status. Error statuses share the dialect's error schema. */
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** Codes of the dialect's error catalogue this operation can answer. */
  readonly errors: readonly string[];
  /** Texts of `errors` that differ on this operation from the catalogue, by code. */
  readonly errorTexts?: Readonly<Record<string, string>>;
}

/** The other direction: a request the broker sends to a URL the app registered. */
export interface Webhook {
  readonly id: string;
  readonly method: HttpMethod;
  readonly summary: string;
  readonly description?: string;
  /** Name of the field of the registered app that holds the URL. */
  readonly target: string;
  readonly body: RequestBody;
  /** What the receiver should answer, by status. */
  readonly responses: Readonly<Record<number, ResponseSpec>>;
}
