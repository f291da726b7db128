import { upstoxErrors, upstoxNotifierWebhook, upstoxRoutes } from "@kunji/contract/upstox";
import type { OpenApiDialect } from "../../src/openapi/openapi-document.ts";
import type { OpenApiDocument, OpenApiOperation } from "../../src/openapi/openapi-types.ts";

export const upstox: OpenApiDialect = {
  name: "upstox",
  brokerName: "Upstox",
  routes: upstoxRoutes,
  errors: upstoxErrors,
  webhooks: [upstoxNotifierWebhook],
};

/** A second broker with operation ids, schema titles and error codes that Upstox has too. */
export const otherBroker: OpenApiDialect = {
  name: "other",
  brokerName: "Other",
  routes: {
    authorize: {
      id: "authorize",
      method: "GET",
      path: "/other/authorize",
      summary: "Authorize",
      auth: "none",
      parameters: [],
      responses: {
        200: {
          description: "Done",
          schema: { type: "object", title: "TokenResponse", properties: { token: { type: "string" } } },
        },
      },
      errors: ["UDAPI1017"],
    },
  },
  errors: { UDAPI1017: { status: 418, message: "Another text" } },
};

/** Every operation of the document with the path and method it stands at. */
export function operationsOf(document: Pick<OpenApiDocument, "paths">) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** @throws Error when there is not exactly one operation with this id. */
export function operationNamed(document: OpenApiDocument, operationId: string): OpenApiOperation {
  const [found, ...more] = operationsOf(document).filter(({ operation }) => operation.operationId === operationId);
  if (found === undefined || more.length > 0) throw new Error(`${operationId}: ${more.length + (found ? 1 : 0)} found`);
  return found.operation;
}

const referencePrefix = "#/components/schemas/";

/** The value with every reference replaced by what it refers to, so that it compares with the contract. */
export function inlined(document: OpenApiDocument, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => inlined(document, each));
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value && typeof value.$ref === "string") {
    const target = document.components.schemas[value.$ref.slice(referencePrefix.length)];
    if (!value.$ref.startsWith(referencePrefix) || !target) throw new Error(`${value.$ref} leads nowhere`);
    return inlined(document, target);
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inlined(document, each)]));
}
