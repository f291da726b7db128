import { Discreet } from "./redaction.ts";
import { camelCase } from "./wire-names.ts";

/** A class made from a wire object. */
export interface ModelType<T> {
  constructFromObject(data: object): T;
}

/** How a field's value is made: one model, a list of them, or a map with free names. */
export type Nested =
  | ModelType<unknown>
  | { readonly listOf: ModelType<unknown> }
  | { readonly mapOf: ModelType<unknown> };

/** Names that would reach an object's prototype (S-103). */
const forbiddenNames = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Base of every model. Properties are camelCase; a field the model does not know is kept under its camelCase name
 * with its value untouched; `null` stays `null`, absent stays absent, enumerations are not enforced and values are
 * not converted. The declared types are those of the vendor's documents, not a check.
 */
export class Model extends Discreet {
  /** Fields that are models themselves, by property name. */
  static readonly nested: Readonly<Record<string, Nested>> = {};

  /**
   * Makes an instance from a wire object (snake_case names), or fills `obj`.
   * @returns `obj`, or a new instance
   */
  static constructFromObject<T extends Model>(this: new () => T, data: object, obj: T = new this()): T {
    return fill(obj, obj.unfold(data), (obj.constructor as typeof Model).nested);
  }

  /** The wire object as the fields want it; models override this where the broker sends one thing in two forms. */
  protected unfold(data: object): object {
    return data;
  }
}

function fill<T extends object>(model: T, data: object, nested: Readonly<Record<string, Nested>>): T {
  // Object.keys of nothing throws; the official SDK tolerates an absent object.
  if (data === null || typeof data !== "object") return model;
  const target: Record<string, unknown> = model as Record<string, unknown>;
  const source = data as Record<string, unknown>;
  for (const wireName of Object.keys(source)) {
    if (forbiddenNames.has(wireName)) continue;
    const name = camelCase(wireName);
    // Some bodies say a thing in both spellings: snake_case wins, whatever the order.
    if (name === wireName && Object.hasOwn(target, name) && hasSnakeTwin(source, name)) continue;
    target[name] = convert(source[wireName], nested[name]);
  }
  return model;
}

/** Whether the same field is there in snake_case as well. */
function hasSnakeTwin(source: Record<string, unknown>, name: string): boolean {
  return Object.keys(source).some((wireName) => wireName !== name && camelCase(wireName) === name);
}

function convert(value: unknown, nested: Nested | undefined): unknown {
  if (nested === undefined || value === null || typeof value !== "object") return value;
  if ("listOf" in nested) {
    return Array.isArray(value) ? value.map((item) => convert(item, nested.listOf)) : value;
  }
  if (Array.isArray(value)) return value;
  if ("mapOf" in nested) {
    const map: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (!forbiddenNames.has(key)) map[key] = convert(item, nested.mapOf);
    }
    return map;
  }
  return nested.constructFromObject(value);
}
