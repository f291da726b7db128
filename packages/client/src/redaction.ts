/**
 * Keeps secrets out of what people print: models, errors, clients and the debug log (S-73, S-96).
 */

/** The property under which Node, Bun and Deno look for a value's own printed form. */
export const inspectSymbol = Symbol.for("nodejs.util.inspect.custom");

/** The `inspect` function Node hands to a custom inspection. */
export type Inspect = (value: unknown, options: object) => string;

/** Property and wire names whose values are never printed in full. */
const secretName =
  /token$|secret$|^code$|verifier$|password$|^pin$|^t?otp$|^two_?fa$|^bearer$|^authorization$|api_?key/i;

/** Whether a property or field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** A short prefix, enough to tell two tokens apart; nothing at all of a short secret. */
export function mask(secret: string): string {
  return secret.length >= 24 ? `${secret.slice(0, 4)}…` : "…";
}

/** `text` with every one of `secrets` replaced: the second net under anything that may echo what we sent. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    // Very short values would match by chance and tear the text apart.
    if (secret.length < 4) continue;
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      if (clean.includes(form)) clean = clean.replaceAll(form, mask(secret));
    }
  }
  return clean;
}

/** How deep a copy goes; what lies deeper is left out (S-106). */
const MAX_DEPTH = 8;

/** A copy of an object's own properties in which secrets are masked, inside plain objects and lists as well. */
export function maskedCopy(value: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) copy[name] = masked(name, field, depth);
  return copy;
}

function masked(name: string, value: unknown, depth: number): unknown {
  if (typeof value === "string") return isSecretName(name) ? mask(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.map((item) => masked(name, item, depth + 1));
  // Instances of classes print themselves.
  return Object.getPrototypeOf(value) === Object.prototype ? maskedCopy(value, depth + 1) : value;
}

/** Prints `name { ...properties }` with secrets masked; nested instances print themselves. */
export function inspectMasked(name: string, value: object, options: object, inspect: Inspect | undefined): string {
  const copy = maskedCopy(value);
  return `${name} ${inspect === undefined ? String(value) : inspect(copy, options)}`;
}

/** Base of everything that may hold a secret: printing it masks, reading its properties and its JSON do not. */
export class Discreet {
  toString(): string {
    const json = JSON.stringify(this, (name, value: unknown) =>
      typeof value === "string" && isSecretName(name) ? mask(value) : value,
    );
    return `${this.constructor.name} ${json}`;
  }

  [inspectSymbol](_depth: number, options: object, inspect?: Inspect): string {
    return inspectMasked(this.constructor.name, this, options, inspect);
  }
}
