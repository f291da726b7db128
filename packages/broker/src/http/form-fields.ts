/**
 * Strict reader of `application/x-www-form-urlencoded` text, for bodies and query strings alike.
 * What is not well formed is refused, never repaired: a repaired value is no longer what was sent (S-16).
 */
import { hasControlCharacter } from "./control-characters.ts";
import { HttpFault } from "./http-fault.ts";

/** Decoded fields by name, without a prototype: `__proto__` and `constructor` are names like any other (S-103). */
export type FormFields = Readonly<Record<string, string>>;

export interface FieldLimits {
  /** Most bytes of a decoded value, by field name. Fields not named here have `defaultMaximumBytes`. */
  readonly maximumBytes?: Readonly<Record<string, number>>;
}

export const defaultMaximumBytes = 2048;
export const maximumFields = 32;

/** The result for an empty text; shared, so frozen. */
export const noFields: FormFields = Object.freeze(Object.create(null));

const ampersand = 0x26;
const equals = 0x3d;
const percent = 0x25;
const plus = 0x2b;

/**
 * Reads a form in one pass.
 * @param text the raw text, one UTF-16 unit per byte received (`latin1`), so that a raw byte above 0x7e is seen.
 * @throws HttpFault `malformed` (percent-encoding, UTF-8, raw byte outside 0x21 to 0x7e, control character, empty
 * name, value too long), `repeated-parameter` (S-101), `too-many-parameters` (S-100).
 */
export function parseFormFields(text: string, limits?: FieldLimits): FormFields {
  if (text.length === 0) return noFields;
  const fields: Record<string, string> = Object.create(null);
  let count = 0;
  let start = 0;
  let separator = -1;
  let hasPercent = false;
  let hasPlus = false;
  for (let i = 0; i <= text.length; i++) {
    const unit = i === text.length ? ampersand : text.charCodeAt(i);
    if (unit === ampersand) {
      // The URL standard skips empty pieces (`a=1&&b=2`): they hold nothing that could be read two ways.
      if (i > start) {
        if (++count > maximumFields) throw new HttpFault("too-many-parameters");
        const nameEnd = separator < 0 ? i : separator;
        const name = decode(text.slice(start, nameEnd), hasPlus, hasPercent);
        const value = separator < 0 ? "" : decode(text.slice(separator + 1, i), hasPlus, hasPercent);
        addField(fields, name, value, limits);
      }
      start = i + 1;
      separator = -1;
      hasPercent = hasPlus = false;
    } else if (unit === equals) {
      if (separator < 0) separator = i;
    } else if (unit === percent) {
      hasPercent = true;
    } else if (unit === plus) {
      hasPlus = true;
    } else if (unit < 0x21 || unit > 0x7e) {
      throw new HttpFault("malformed", { detail: "raw byte that must be percent-encoded" });
    }
  }
  return fields;
}

/**
 * Refuses a parameter that is sent both in the query and in the body (S-101).
 * @throws HttpFault `repeated-parameter`
 */
export function refuseSharedNames(query: unknown, body: Readonly<Record<string, unknown>>): void {
  if (query === noFields || typeof query !== "object" || query === null) return;
  for (const name in query) {
    if (name in body) throw new HttpFault("repeated-parameter", { parameter: name });
  }
}

function addField(fields: Record<string, string>, name: string, value: string, limits: FieldLimits | undefined): void {
  if (name === "") throw new HttpFault("malformed", { detail: "field without a name" });
  if (fields[name] !== undefined) throw new HttpFault("repeated-parameter", { parameter: name });
  if (exceeds(name, defaultMaximumBytes)) throw new HttpFault("malformed", { detail: "name too long" });
  if (exceeds(value, maximumBytesOf(name, limits))) {
    throw new HttpFault("malformed", { detail: "value too long", parameter: name });
  }
  fields[name] = value;
}

function maximumBytesOf(name: string, limits: FieldLimits | undefined): number {
  const byName = limits?.maximumBytes;
  return byName !== undefined && Object.hasOwn(byName, name)
    ? (byName[name] ?? defaultMaximumBytes)
    : defaultMaximumBytes;
}

// A UTF-16 unit takes at most three bytes of UTF-8, so most texts are judged without counting.
function exceeds(text: string, maximum: number): boolean {
  return text.length > maximum || (text.length * 3 > maximum && Buffer.byteLength(text) > maximum);
}

function decode(part: string, hasPlus: boolean, hasPercent: boolean): string {
  const spaced = hasPlus ? part.replaceAll("+", " ") : part;
  if (!hasPercent || !spaced.includes("%")) return spaced;
  let decoded: string;
  try {
    // Throws for a broken escape and for bytes that are not UTF-8: overlong forms, surrogates, cut sequences.
    decoded = decodeURIComponent(spaced);
  } catch (cause) {
    throw new HttpFault("malformed", { detail: "percent-encoding or UTF-8", cause });
  }
  if (hasControlCharacter(decoded)) throw new HttpFault("malformed", { detail: "control character" });
  return decoded;
}
