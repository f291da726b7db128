import type { Parameter, RequestBody, ResponseSpec, Route, Schema, Webhook } from "@kunji/contract";
import { nameInDialect } from "./dialect-names.ts";
import type {
  OpenApiErrorCode,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiRequestBody,
  OpenApiResponse,
  OpenApiSchema,
} from "./openapi-types.ts";

/** Error codes of a broker with their HTTP status and text. */
export type ErrorCatalogue = Readonly<Record<string, { readonly status: number; readonly message: string }>>;

/** Writes a schema for the place where it is used. */
export type PlaceSchema = (schema: Schema) => OpenApiSchema;

/** What the operations of one dialect share. */
export interface OperationSetting {
  readonly dialectName: string;
  readonly tag: string;
  readonly errors: ErrorCatalogue;
  /** Name of the security scheme of the dialect's access tokens. */
  readonly bearerScheme: string;
  /** Name of the security scheme of the dialect's API keys. */
  readonly apiKeyScheme: string;
  readonly place: PlaceSchema;
}

/** @throws TypeError when the route names an error that its catalogue does not have. */
export function routeOperation(route: Route, setting: OperationSetting): OpenApiOperation {
  const { place } = setting;
  return {
    operationId: nameInDialect(setting.dialectName, route.id),
    tags: [setting.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    security: security(route.auth, setting),
    // OpenAPI ignores a header parameter called Authorization: the security scheme says it.
    parameters: route.parameters
      .filter((parameter) => !(parameter.in === "header" && parameter.name === "Authorization"))
      .map((parameter) => openApiParameter(parameter, place)),
    ...(route.body && { requestBody: requestBody(route.body, place) }),
    responses: responses(route.responses, place),
    "x-error-codes": route.errors.map((code) => errorOfRoute(route, code, setting.errors)),
  };
}

function security(auth: Route["auth"], setting: OperationSetting): OpenApiOperation["security"] {
  // The secret of `auth: "secret"` is a field of the body, which OpenAPI has no security scheme for.
  if (auth === "none" || auth === "secret") return [];
  return [{ [auth === "bearer" ? setting.bearerScheme : setting.apiKeyScheme]: [] }];
}

/** The request the broker sends; its target and its lack of authentication are said in words. */
export function webhookOperation(webhook: Webhook, setting: OperationSetting): OpenApiOperation {
  const target = `Sent to the \`${webhook.target}\` of the app.`;
  return {
    operationId: nameInDialect(setting.dialectName, webhook.id),
    tags: [setting.tag],
    summary: webhook.summary,
    description: webhook.description === undefined ? target : `${webhook.description} ${target}`,
    security: [],
    requestBody: requestBody(webhook.body, setting.place),
    responses: responses(webhook.responses, setting.place),
  };
}

/** A whole catalogue as a list, in its own order. */
export function errorCodes(catalogue: ErrorCatalogue): readonly OpenApiErrorCode[] {
  return Object.entries(catalogue).map(([code, { status, message }]) => ({ code, status, message }));
}

function errorOfRoute(route: Route, code: string, catalogue: ErrorCatalogue): OpenApiErrorCode {
  const error = catalogue[code];
  if (error === undefined) throw new TypeError(`The route ${route.id} names ${code}, which is not in the catalogue`);
  return { code, status: error.status, message: route.errorTexts?.[code] ?? error.message };
}

function openApiParameter(parameter: Parameter, place: PlaceSchema): OpenApiParameter {
  const { certainty, description } = parameter;
  return {
    name: parameter.name,
    in: parameter.in,
    required: parameter.required,
    ...(description !== undefined && { description }),
    schema: place(parameter.schema),
    ...(certainty !== undefined && { "x-certainty": certainty }),
  };
}

function requestBody(body: RequestBody, place: PlaceSchema): OpenApiRequestBody {
  return { required: body.required, content: { [body.contentType]: { schema: place(body.schema) } } };
}

function responses(specs: Readonly<Record<number, ResponseSpec>>, place: PlaceSchema) {
  return Object.fromEntries(Object.entries(specs).map(([status, spec]) => [status, openApiResponse(spec, place)]));
}

function openApiResponse(spec: ResponseSpec, place: PlaceSchema): OpenApiResponse {
  const { headers, schema } = spec;
  return {
    description: spec.description,
    ...(headers && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, { schema: place(header) }])),
    }),
    ...(schema && { content: { "application/json": { schema: place(schema) } } }),
  };
}
