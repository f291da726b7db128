import type { Schema } from "../../route.ts";

/**
 * Body of every documented failure. Each entry says the same twice, in camelCase (deprecated) and snake_case, and
 * live bodies carry all seven keys in exactly this order. Clients must read either spelling.
 * @see protocol/upstox.md 1.6
 */
export const upstoxErrorSchema = {
  type: "object",
  title: "ApiGatewayErrorResponse",
  properties: {
    status: { type: "string", const: "error" },
    errors: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        title: "Problem",
        properties: {
          errorCode: { type: "string" },
          message: { type: "string" },
          propertyPath: { type: ["string", "null"], description: "Which input failed" },
          // Untyped at the vendor: whatever was sent. Kunji's broker never echoes a secret here (S-110).
          invalidValue: {},
          error_code: { type: "string" },
          property_path: { type: ["string", "null"] },
          invalid_value: {},
        },
        required: [
          "errorCode",
          "message",
          "propertyPath",
          "invalidValue",
          "error_code",
          "property_path",
          "invalid_value",
        ],
        additionalProperties: true,
      },
    },
  },
  required: ["status", "errors"],
  additionalProperties: true,
} as const satisfies Schema;
