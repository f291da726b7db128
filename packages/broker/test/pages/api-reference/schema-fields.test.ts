import { describe, expect, it } from "vitest";
import { schemaFields, typeText } from "../../../src/pages/api-reference/schema-fields.ts";

describe("schemaFields", () => {
  it("lists outer before inner, with paths through objects, arrays and maps", () => {
    const fields = schemaFields({
      type: "object",
      required: ["data"],
      properties: {
        data: {
          type: "object",
          properties: { equity: { type: "object", properties: { used_margin: { type: "number" } } } },
        },
        errors: { type: "array", items: { type: "object", properties: { errorCode: { type: "string" } } } },
        extra: { type: "object", additionalProperties: { type: "object", properties: { name: { type: "string" } } } },
      },
    });
    expect(fields.map((field) => field.path)).toEqual([
      "data",
      "data.equity",
      "data.equity.used_margin",
      "errors",
      "errors[].errorCode",
      "extra",
      "extra.{key}",
      "extra.{key}.name",
    ]);
    expect(fields.map((field) => field.required)).toEqual([true, false, false, false, false, false, false, false]);
  });

  it("finds nothing in a schema without fields", () => {
    expect(schemaFields({ type: "string" })).toEqual([]);
    expect(schemaFields({ type: "object", additionalProperties: false })).toEqual([]);
  });
});

describe("typeText", () => {
  it.each([
    [{ type: "string" }, "string"],
    [{ type: ["string", "null"] }, "string or null"],
    [{ type: "integer", format: "int64" }, "integer (int64)"],
    [{ const: "code" }, '"code"'],
    [{ type: "string", enum: ["SEC", "COM"] }, '"SEC" or "COM"'],
    [{ type: "array", items: { type: "string" } }, "array of string"],
    [{}, "any"],
  ] as const)("%j is %s", (schema, expected) => {
    expect(typeText(schema)).toBe(expected);
  });
});
