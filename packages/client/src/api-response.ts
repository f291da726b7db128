import { type Inspect, inspectSymbol } from "./redaction.ts";
import type { WireResponse } from "./transport/transport.ts";

/**
 * An answer of the broker, as the callback's third argument and as `error.response`. Its text and body may hold
 * tokens, so printing it or turning it into JSON shows neither (S-73).
 */
export class ApiResponse {
  readonly status: number;
  readonly statusText: string;
  /** The body as it came; empty in errors where it could hold a token. */
  readonly text: string;
  /** The body read as JSON, or undefined when it is none. */
  readonly body: unknown;
  readonly #headers: readonly string[];
  #folded: Record<string, string> | undefined;

  constructor(wire: WireResponse, body: unknown) {
    this.status = wire.status;
    this.statusText = wire.statusText;
    this.text = wire.text;
    this.body = body;
    this.#headers = wire.headers;
  }

  /** Same as `status`, as Node names it. */
  get statusCode(): number {
    return this.status;
  }

  /** Whether the status is 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  /** Headers by lower-case name; repeated ones are joined with a comma. */
  get headers(): Readonly<Record<string, string>> {
    this.#folded ??= foldHeaders(this.#headers);
    return this.#folded;
  }

  /** One header, whatever the case of `name`. */
  get(name: string): string | undefined {
    return this.headers[name.toLowerCase()];
  }

  toJSON(): object {
    return { status: this.status, statusText: this.statusText };
  }

  toString(): string {
    return `ApiResponse ${this.status} ${this.statusText}`;
  }

  [inspectSymbol](_depth: number, options: object, inspect?: Inspect): string {
    return `ApiResponse ${inspect === undefined ? this.status : inspect(this.toJSON(), options)}`;
  }
}

/** A text read as JSON, or undefined when it is none. */
export function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function foldHeaders(flat: readonly string[]): Record<string, string> {
  const folded: Record<string, string> = Object.create(null);
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const value = flat[i + 1] as string;
    folded[name] = name in folded ? `${folded[name]}, ${value}` : value;
  }
  return folded;
}
