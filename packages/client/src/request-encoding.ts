/**
 * Paths, queries and bodies as they travel.
 */

/** Fills `{name}` placeholders, percent-encoded. */
export function fillPath(path: string, params: Readonly<Record<string, unknown>>): string {
  const below = path.startsWith("/") ? path : `/${path}`;
  if (!below.includes("{")) return below;
  return below.replace(/\{([\w-]+)\}/g, (placeholder, name: string) =>
    encodeURIComponent(Object.hasOwn(params, name) ? String(params[name]) : placeholder),
  );
}

/** How one name or value travels in a query or a form. */
export type EncodeText = (text: string) => string;

/** As `URLSearchParams` writes it: a space is `+`. */
export function formEncoded(text: string): string {
  return new URLSearchParams([["", text]]).toString().slice(1);
}

/** `?name=value` pairs, or nothing. */
export function encodeQuery(params: Readonly<Record<string, unknown>>, encode: EncodeText): string {
  const pairs = encodePairs(params, encode);
  return pairs === "" ? "" : `?${pairs}`;
}

/** `name=value` pairs in order; undefined and null values are left out, lists repeat their name. */
function encodePairs(params: Readonly<Record<string, unknown>>, encode: EncodeText): string {
  let pairs = "";
  for (const name in params) {
    const value = params[name];
    if (value === undefined || value === null) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      pairs += `${pairs === "" ? "" : "&"}${encode(name)}=${encode(String(each))}`;
    }
  }
  return pairs;
}

/** The body to send: a form, JSON, or text as it is. */
export function encodeBody(
  contentType: string | undefined,
  form: Readonly<Record<string, unknown>>,
  body: unknown,
  encode: EncodeText,
): string | undefined {
  if (contentType === "application/x-www-form-urlencoded") return encodePairs(form, encode);
  if (body === undefined || body === null) return undefined;
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** The JSON type among `types` when it is there, else the first, as the official SDK chooses. */
export function jsonPreferred(types: readonly string[]): string | undefined {
  return types.find((type) => type.startsWith("application/json")) ?? types[0];
}

/** Whether `headers` sets `name`, whatever the case. */
export function hasHeader(headers: Readonly<Record<string, unknown>>, name: string): boolean {
  for (const own in headers) {
    if (own.length === name.length && own.toLowerCase() === name.toLowerCase()) return headers[own] != null;
  }
  return false;
}
