/** A failure to inject. Exactly one of `status`, `drop`, `body` or only `delayMs`; `delayMs` combines with each. */
export interface Fault {
  /**
   * Operation id (`token`, or `upstox/authorize` where both brokers have one), path pattern (`/v2/user/profile`), or
   * either with a method before it (`GET /v2/...`).
   */
  readonly route: string;
  /** Answer with this status, in the dialect's shape unless `body` says otherwise. */
  readonly status?: number;
  readonly delayMs?: number;
  /** Close the connection without an answer. */
  readonly drop?: boolean;
  /** Answer with this text, or JSON, instead of the real body. */
  readonly body?: unknown;
  /** How many requests it hits; until cleared when absent. */
  readonly times?: number;
}

const KNOWN = new Set(["route", "status", "delayMs", "drop", "body", "times"]);

/** @returns what is wrong with a fault from outside; undefined when it can be used */
export function faultProblem(input: Readonly<Record<string, unknown>>): string | undefined {
  const unknown = Object.keys(input).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) return "a fault takes route, status, delayMs, drop, body and times";
  if (typeof input.route !== "string" || input.route === "") return "route must name an operation or a path";
  if (input.status !== undefined && !isWhole(input.status, 200, 599)) return "status must be from 200 to 599";
  if (input.delayMs !== undefined && !isWhole(input.delayMs, 0, 600_000)) return "delayMs must be from 0 to 600000";
  if (input.times !== undefined && !isWhole(input.times, 1, 1_000_000)) return "times must be from 1 to 1000000";
  if (input.drop !== undefined && typeof input.drop !== "boolean") return "drop must be true or false";
  const hasEffect = ["status", "delayMs", "drop", "body"].some((key) => input[key] !== undefined);
  return hasEffect ? undefined : "a fault needs status, delayMs, drop or body";
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

/** What a request is known by, for matching a fault. */
export interface RequestIdentity {
  readonly method: string;
  /** Path pattern, with `{name}` or `:name` placeholders. */
  readonly pattern: string;
  readonly operationId: string | undefined;
  /** The broker whose operation it is. */
  readonly dialect: string | undefined;
}

/** Faults to inject, oldest first. Exists only where it was switched on by name (S-131). */
export class FaultPlan {
  readonly #faults: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** Takes the first fault that hits this request. */
  take(request: RequestIdentity): Fault | undefined {
    const index = this.#faults.findIndex(({ fault }) => hits(fault.route, request));
    const entry = this.#faults[index];
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#faults.splice(index, 1);
    return entry.fault;
  }
}

function hits(route: string, request: RequestIdentity): boolean {
  const space = route.indexOf(" ");
  const method = space < 0 ? undefined : route.slice(0, space).toUpperCase();
  const target = space < 0 ? route : route.slice(space + 1);
  if (method !== undefined && method !== request.method) return false;
  const { operationId, dialect } = request;
  if (operationId !== undefined && (target === operationId || target === `${dialect}/${operationId}`)) return true;
  return normal(target) === normal(request.pattern);
}

function normal(pattern: string): string {
  return pattern.replaceAll(/\{(\w+)\}/g, ":$1");
}
