import type { SchemaType } from "./route.ts";

/**
 * The TypeScript type of a JSON Schema written `as const`. It covers the keywords of `Schema`; the wire types are
 * written out by hand beside their schemas, and a type test holds each against `FromSchema` of its schema.
 */
export type FromSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly oneOf: readonly (infer O)[] }
      ? FromEach<O>
      : S extends { readonly type: infer T }
        ? FromType<T extends readonly (infer Each)[] ? Each : T, S>
        : unknown;

/** Distributes over the choices of `oneOf`. */
type FromEach<O> = O extends unknown ? FromSchema<O> : never;

/** Distributes over `["string", "null"]`. */
type FromType<T, S> = T extends SchemaType
  ? T extends "string"
    ? string
    : T extends "number" | "integer"
      ? number
      : T extends "boolean"
        ? boolean
        : T extends "null"
          ? null
          : T extends "array"
            ? S extends { readonly items: infer Item }
              ? FromSchema<Item>[]
              : unknown[]
            : FromObject<S>
  : never;

type FromObject<S> = S extends { readonly properties: infer P }
  ? Flatten<
      { -readonly [K in keyof P as K extends RequiredOf<S> ? K : never]: FromSchema<P[K]> } & {
        -readonly [K in keyof P as K extends RequiredOf<S> ? never : K]?: FromSchema<P[K]>;
      }
    >
  : S extends { readonly additionalProperties: infer A }
    ? Record<string, FromSchema<A>>
    : Record<string, unknown>;

type RequiredOf<S> = S extends { readonly required: readonly (infer R)[] } ? R : never;

/** Shows `A & B` as one object type. */
type Flatten<T> = { [K in keyof T]: T[K] };
