/**
 * The part of OpenAPI 3.1 the broker's document uses.
 * @see https://spec.openapis.org/oas/v3.1.0
 */
import type { Certainty, HttpMethod, Parameter, Schema } from "@kunji/contract";

export interface SchemaReference {
  readonly $ref: string;
}

/** A schema of the contract in which every titled schema is a reference to `components.schemas`. */
export type OpenApiSchema =
  | SchemaReference
  | (Omit<Schema, "properties" | "items" | "additionalProperties" | "oneOf" | "contentSchema"> & {
      readonly properties?: Readonly<Record<string, OpenApiSchema>>;
      readonly items?: OpenApiSchema;
      readonly oneOf?: readonly OpenApiSchema[];
      readonly contentSchema?: OpenApiSchema;
      readonly additionalProperties?: boolean | OpenApiSchema;
    });

export interface OpenApiParameter {
  readonly name: string;
  readonly in: Parameter["in"];
  readonly required: boolean;
  readonly schema: OpenApiSchema;
  readonly description?: string;
  /** How far the parameter is documented by the vendor; `kunji` marks our own. */
  readonly "x-certainty"?: Certainty;
}

export type OpenApiContent = Readonly<Record<string, { readonly schema: OpenApiSchema }>>;

export interface OpenApiRequestBody {
  readonly required: boolean;
  readonly content: OpenApiContent;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly schema: OpenApiSchema }>>;
  readonly content?: OpenApiContent;
}

/** One entry of `x-error-codes`: the code in the body, the HTTP status it comes with, its text. */
export interface OpenApiErrorCode {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly SecurityRequirement[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: OpenApiRequestBody;
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  /** Codes this operation has of its own; those any request can meet are in the tag's list only. */
  readonly "x-error-codes"?: readonly OpenApiErrorCode[];
}

export type OpenApiPathItem = Readonly<Partial<Record<Lowercase<HttpMethod>, OpenApiOperation>>>;

export interface OpenApiTag {
  readonly name: string;
  readonly description: string;
  /** The broker's whole error catalogue. */
  readonly "x-error-codes": readonly OpenApiErrorCode[];
}

export interface OpenApiSecurityScheme {
  readonly type: "http";
  readonly scheme: "bearer";
  readonly description: string;
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly OpenApiTag[];
  readonly paths: Readonly<Record<string, OpenApiPathItem>>;
  readonly webhooks: Readonly<Record<string, OpenApiPathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, OpenApiSchema>>;
    readonly securitySchemes: Readonly<Record<string, OpenApiSecurityScheme>>;
  };
}
