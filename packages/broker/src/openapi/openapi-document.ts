import type { HttpMethod, Route, Webhook } from "@kunji/contract";
import { type ComponentSchemas, createComponentSchemas } from "./component-schemas.ts";
import { nameInDialect } from "./dialect-names.ts";
import type { OpenApiDocument, OpenApiOperation, OpenApiSecurityScheme } from "./openapi-types.ts";
import {
  type ErrorCatalogue,
  errorCodes,
  type OperationSetting,
  routeOperation,
  webhookOperation,
} from "./operation.ts";

/** What the document says of one broker. */
export interface OpenApiDialect {
  /** Starts operation ids and schema names, such as "upstox". */
  readonly name: string;
  /** The tag of its operations. */
  readonly brokerName: string;
  readonly routes: Readonly<Record<string, Route>>;
  readonly errors: ErrorCatalogue;
  /** What the broker sends to the URLs of an app. */
  readonly webhooks?: readonly Webhook[];
}

export interface OpenApiSource {
  /** Origin the broker is reached at. */
  readonly issuer: string;
  /** Version of the broker. */
  readonly version: string;
  readonly dialects: readonly OpenApiDialect[];
}

/**
 * The OpenAPI 3.1 document of the broker, made from the contract: every route, parameter, body and response of every
 * dialect, the webhooks the dialects send, and as `x-error-codes` what an operation can answer (the whole catalogue
 * stands on the broker's tag).
 * @returns plain data, to be sent as JSON; shares unchanged parts with the contract, so do not change it.
 * @throws TypeError when the contract contradicts itself: two routes with one method and path, two schemas with one
 * title, an error code without an entry in the catalogue.
 */
export function openApiDocument({ issuer, version, dialects }: OpenApiSource): OpenApiDocument {
  const schemas = createComponentSchemas();
  const paths = new PathItems();
  const webhooks = new PathItems();
  const securitySchemes: Record<string, OpenApiSecurityScheme> = {};

  for (const dialect of dialects) {
    const setting = operationSetting(dialect, schemas);
    const routes = Object.values(dialect.routes);
    for (const route of routes) paths.add(route.path, route.method, routeOperation(route, setting));
    for (const webhook of dialect.webhooks ?? []) {
      const operation = webhookOperation(webhook, setting);
      webhooks.add(operation.operationId, webhook.method, operation);
    }
    const describe = (auth: Route["auth"], scheme: string, description: string): void => {
      if (!routes.some((route) => route.auth === auth)) return;
      securitySchemes[scheme] = { type: "http", scheme: "bearer", description };
    };
    describe("bearer", setting.bearerScheme, `An access token of ${dialect.brokerName}`);
    describe("api-key", setting.apiKeyScheme, `The API key of an app registered with ${dialect.brokerName}`);
  }

  return {
    openapi: "3.1.0",
    info: { title: "Kunji broker", version, description: "Login and account APIs of Indian brokers." },
    servers: [{ url: issuer }],
    tags: dialects.map(({ brokerName, errors }) => ({
      name: brokerName,
      description: `The API of ${brokerName}`,
      "x-error-codes": errorCodes(errors),
    })),
    paths: paths.all(),
    webhooks: webhooks.all(),
    components: { schemas: schemas.all(), securitySchemes },
  };
}

function operationSetting(dialect: OpenApiDialect, schemas: ComponentSchemas): OperationSetting {
  return {
    dialectName: dialect.name,
    tag: dialect.brokerName,
    errors: dialect.errors,
    bearerScheme: nameInDialect(dialect.name, "accessToken"),
    apiKeyScheme: nameInDialect(dialect.name, "apiKey"),
    place: (schema) => schemas.place(dialect.name, schema),
  };
}

const lowerCaseMethods = { GET: "get", POST: "post", PUT: "put", DELETE: "delete" } as const;

/** Operations by path and method. */
class PathItems {
  readonly #items = new Map<string, Partial<Record<Lowercase<HttpMethod>, OpenApiOperation>>>();

  add(path: string, method: HttpMethod, operation: OpenApiOperation): void {
    const item = this.#items.get(path) ?? {};
    const key = lowerCaseMethods[method];
    if (item[key])
      throw new TypeError(`${method} ${path} is both ${item[key].operationId} and ${operation.operationId}`);
    item[key] = operation;
    this.#items.set(path, item);
  }

  all(): OpenApiDocument["paths"] {
    return Object.fromEntries(this.#items);
  }
}
