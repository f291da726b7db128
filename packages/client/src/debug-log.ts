/**
 * The debug log: one line per call. Names are printed, values only when their name is on the list below; everything
 * else shows its type or a short prefix (S-96: an allow-list, because brokers add fields nobody knows yet).
 */
import { appendLine } from "#platform";
import { isSecretName, mask, scrub } from "./redaction.ts";

const shownFields = new Set([
  "api-version",
  "accept",
  "content-type",
  "content-length",
  "date",
  "retry-after",
  "user-agent",
  "grant_type",
  "response_type",
  "code_challenge_method",
  "redirect_uri",
  "notifier_url",
  "refresh_extended_token",
  "segment",
  "scope",
  "status",
  "s",
  "msg",
  "twoFaTyp",
  "errorCode",
  "error_code",
  "message",
  "propertyPath",
  "property_path",
  "broker",
  "token_type",
  "expires_in",
  "authorization_expiry",
  "exchanges",
  "products",
  "order_types",
  "user_type",
  "is_active",
]);
const MAX_DEPTH = 8;

export interface LoggedCall {
  readonly method: string;
  /** Base URL and path pattern, placeholders not filled in. */
  readonly url: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: readonly string[];
  readonly form: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Everything secret in the request, searched for once more in the finished line. */
  readonly secrets: readonly string[];
}

export type LoggedResult =
  | { readonly status: number; readonly headers: readonly string[]; readonly text: string }
  | { readonly failure: string };

/** Writes the line of a finished call to `file`, or to stderr when there is none. */
export function logCall(file: string | undefined, call: LoggedCall, result: LoggedResult, milliseconds: number): void {
  const parts = [`${call.method} ${call.url}`];
  addPart(parts, "query", call.query);
  addPart(parts, "headers", pairs(call.headers));
  addPart(parts, "form", call.form);
  if (call.body !== undefined && call.body !== null) addPart(parts, "json", call.body);
  if ("failure" in result) parts.push(`-> ${result.failure}`);
  else {
    parts.push(`-> ${result.status}`);
    addPart(parts, "headers", pairs(result.headers));
    parts.push(describeText(result.text));
  }
  const line = `${new Date().toISOString()} ${parts.join(" ")} (${Math.round(milliseconds)} ms)`;
  const clean = scrub(line, call.secrets);
  if (file === undefined) console.error(clean);
  else writeLine(file, clean);
}

/** A log that cannot be written must not lose the answer it was about: the line goes to stderr instead. */
function writeLine(file: string, line: string): void {
  try {
    appendLine(file, line);
  } catch (error) {
    console.error(`${line} (${file}: ${error instanceof Error ? error.message : "cannot be written"})`);
  }
}

function addPart(parts: string[], name: string, value: unknown): void {
  const shown = show(value, 0);
  if (shown !== "{}") parts.push(`${name}=${shown}`);
}

function pairs(flat: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) record[(flat[i] as string).toLowerCase()] = flat[i + 1] as string;
  return record;
}

function describeText(text: string): string {
  if (text === "") return "(empty)";
  try {
    return show(JSON.parse(text), 0);
  } catch {
    return `(${text.length} characters, not JSON)`;
  }
}

function show(value: unknown, depth: number, name = ""): string {
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (typeof value === "object") {
    if (depth >= MAX_DEPTH) return "…";
    if (Array.isArray(value)) return `[${value.map((item) => show(item, depth + 1, name)).join(", ")}]`;
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => `${key}: ${show(field, depth + 1, key)}`);
    return fields.length === 0 ? "{}" : `{${fields.join(", ")}}`;
  }
  if (shownFields.has(name)) return JSON.stringify(value);
  if (typeof value === "string") return isSecretName(name) ? mask(value) : `<${value.length} characters>`;
  return `<${typeof value}>`;
}
