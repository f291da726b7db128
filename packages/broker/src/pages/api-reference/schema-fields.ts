import type { Schema } from "@kunji/contract";

/** One line of a field table. */
export interface SchemaField {
  /** Path from the body's root: `data.equity.used_margin`, `errors[].errorCode`, `data.{key}.name`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** Lists every field of a schema, outer before inner, in the order the contract gives them. */
export function schemaFields(schema: Schema, prefix = ""): SchemaField[] {
  const required = new Set(schema.required ?? []);
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [fieldOf(property, path, required.has(name)), ...schemaFields(property, path)];
  });
  const items = schema.items === undefined ? [] : schemaFields(schema.items, `${prefix}[]`);
  return [...named, ...items, ...choiceFields(schema, prefix), ...mapFields(schema, prefix)];
}

/** The fields of every choice; what two choices have in common is shown as the first has it. */
function choiceFields(schema: Schema, prefix: string): SchemaField[] {
  const byPath = new Map<string, SchemaField>();
  for (const field of (schema.oneOf ?? []).flatMap((choice) => schemaFields(choice, prefix))) {
    if (!byPath.has(field.path)) byPath.set(field.path, field);
  }
  return [...byPath.values()];
}

/** An object whose keys are data (`additionalProperties` is a schema) is shown with one made-up key. */
function mapFields(schema: Schema, prefix: string): SchemaField[] {
  const values = schema.additionalProperties;
  if (values === undefined || typeof values === "boolean") return [];
  const path = prefix === "" ? "{key}" : `${prefix}.{key}`;
  return [fieldOf(values, path, false), ...schemaFields(values, path)];
}

function fieldOf(schema: Schema, path: string, required: boolean): SchemaField {
  return { path, type: typeText(schema), required, description: schema.description ?? "" };
}

/** A schema's type in words: `string or null`, `"code"`, `array of string`, `integer (int64)`. */
export function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.oneOf !== undefined) return schema.oneOf.map(typeText).join(" or ");
  if (schema.items !== undefined) return `array of ${typeText(schema.items)}`;
  const names = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["any"]);
  return names.join(" or ") + (schema.format === undefined ? "" : ` (${schema.format})`);
}
