import { forgetAuditHead } from "./audit-head.ts";
import { forgetSweep } from "./sweep.ts";
import { execute, type Verb } from "./verb.ts";

const TABLES = [
  "clients",
  "accounts",
  "attempts",
  "codes",
  "tokens",
  "held_tokens",
  "account_sessions",
  "baskets",
  "orders",
  "token_requests",
  "outbox",
  "static_ips",
  "throttles",
  "browser_sessions",
  "demo_messages",
  "audit",
] as const;

/** Empties the store; the schema stays. For the reset of a test. */
export function* clearAll(): Verb<void> {
  for (const table of TABLES) yield* execute(`DELETE FROM ${table}`);
  yield* forgetAuditHead();
  yield* forgetSweep();
}
