import { isDeepStrictEqual } from "node:util";
import type { Schema } from "@kunji/contract";
import { typeNameInDialect } from "./dialect-names.ts";
import type { OpenApiSchema } from "./openapi-types.ts";

/** Collects the titled schemas of a document, so that each is written once and generators give it a name. */
export interface ComponentSchemas {
  /**
   * Writes a schema for the place where it is used.
   * @returns a reference when the schema has a title, else the schema itself; the same holds for all it contains.
   * @throws TypeError when two different schemas of one dialect have the same title.
   */
  readonly place: (dialectName: string, schema: Schema) => OpenApiSchema;
  /** Every titled schema placed so far, for `components.schemas`. */
  readonly all: () => Readonly<Record<string, OpenApiSchema>>;
}

export function createComponentSchemas(): ComponentSchemas {
  const sources = new Map<string, Schema>();
  const written = new Map<string, OpenApiSchema>();

  function place(dialectName: string, schema: Schema): OpenApiSchema {
    if (schema.title === undefined) return placeContents(dialectName, schema);
    const name = typeNameInDialect(dialectName, schema.title);
    const known = sources.get(name);
    if (known === undefined) {
      sources.set(name, schema);
      written.set(name, placeContents(dialectName, schema));
    } else if (!isDeepStrictEqual(known, schema)) {
      throw new TypeError(`Two different schemas of ${dialectName} are titled ${schema.title}`);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function placeContents(dialectName: string, schema: Schema): OpenApiSchema {
    const { properties, items, additionalProperties, oneOf, contentSchema, ...rest } = schema;
    return {
      ...rest,
      ...(properties && {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, property]) => [name, place(dialectName, property)]),
        ),
      }),
      ...(items && { items: place(dialectName, items) }),
      ...(oneOf && { oneOf: oneOf.map((choice) => place(dialectName, choice)) }),
      ...(contentSchema && { contentSchema: place(dialectName, contentSchema) }),
      ...(additionalProperties !== undefined && {
        additionalProperties:
          typeof additionalProperties === "boolean" ? additionalProperties : place(dialectName, additionalProperties),
      }),
    };
  }

  return { place, all: () => Object.fromEntries(written) };
}
