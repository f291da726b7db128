/**
 * Strict reader of a JSON object body. The text is scanned once before it is parsed, so that a deep or oversized
 * body is refused before it costs memory, and nothing ever recurses over what was sent (S-106).
 */
import { isUtf8 } from "node:buffer";
import { hasControlCharacter } from "./control-characters.ts";
import { HttpFault } from "./http-fault.ts";

/** A JSON object whose objects, at every depth, have no prototype (S-103). */
export type JsonObject = { readonly [name: string]: JsonValue };
export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];

export const maximumJsonBytes = 16 * 1024;
export const maximumJsonDepth = 8;

/**
 * Reads a body that must be one JSON object.
 * @param bytes the body, at most 16 KiB, UTF-8 without byte order mark.
 * @throws HttpFault `payload-too-large`; `repeated-parameter` for a member name used twice in one object;
 * `malformed` for anything else: bad UTF-8 or JSON, depth over 8, a top level that is no object, control
 * characters or lone surrogates in text, a number too large for a double.
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  if (bytes.length > maximumJsonBytes) throw new HttpFault("payload-too-large");
  if (!isUtf8(bytes)) throw malformed("not UTF-8");
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  const namesWritten = scan(text);
  const parsed = parse(text);
  if (!isPlainObject(parsed)) throw malformed("top level is not an object");
  const counter = { names: 0 };
  const result = copyObject(parsed, counter);
  // JSON.parse keeps the last of two equal names. More names in the text than in the result: one was repeated.
  if (counter.names !== namesWritten) throw new HttpFault("repeated-parameter");
  return result;
}

/**
 * Finds the depth of the nesting and counts the member names without building anything.
 * In valid JSON every colon outside a string follows a member name; invalid JSON is left to the parser.
 */
function scan(text: string): number {
  let depth = 0;
  let names = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > maximumJsonDepth) throw malformed("nested too deeply");
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x3a: // a colon outside a string
        names++;
        break;
      case 0x22:
        i = endOfString(text, i);
        break;
    }
  }
  return names;
}

function endOfString(text: string, opening: number): number {
  for (let i = opening + 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) return i;
    if (unit === 0x5c) i++; // a backslash takes the next unit with it, be it a quote
  }
  throw malformed("string without an end");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, so it is not kept, not even as the cause (S-110).
    throw malformed("not JSON");
  }
}

// Recursion is safe here: scan() has bounded the depth to eight.
function copyValue(value: unknown, counter: { names: number }): JsonValue {
  if (typeof value === "string") return checkText(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw malformed("number out of range"); // JSON.parse reads 1e999 as Infinity
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => copyValue(item, counter));
  if (isPlainObject(value)) return copyObject(value, counter);
  return value === true || value === false ? value : null;
}

function copyObject(source: Readonly<Record<string, unknown>>, counter: { names: number }): JsonObject {
  const copy: Record<string, JsonValue> = Object.create(null);
  for (const name of Object.keys(source)) {
    counter.names++;
    copy[checkText(name)] = copyValue(source[name], counter);
  }
  return copy;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkText(text: string): string {
  if (hasControlCharacter(text)) throw malformed("control character");
  // With the u flag a pair is one character, so this finds lone surrogates only ("\ud800" passes JSON.parse).
  if (/\p{Surrogate}/u.test(text)) throw malformed("lone surrogate");
  return text;
}

function malformed(detail: string): HttpFault {
  return new HttpFault("malformed", { detail });
}
