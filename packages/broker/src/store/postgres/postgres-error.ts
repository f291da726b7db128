import pg from "pg";
import { StoreUnavailable } from "../database.ts";

/**
 * What an error of the driver means:
 * - `lost`: the connection is of no use any more. Nothing of its transaction is durable, unless COMMIT was on its way.
 * - `contended`: others were at the same rows. The verb may go through when it is run again.
 * - `blocked`: somebody has had the rows for longer than we wait.
 * - `unavailable`: Postgres cannot do it now: no room, no time, no disk.
 * - `fault`: the statement itself is wrong.
 */
export type FailureKind = "lost" | "contended" | "blocked" | "unavailable" | "fault";

/** Serialisation failure, deadlock, and a row that somebody else added since the verb looked. */
const CONTENDED = new Set(["40001", "40P01", "23505"]);
const LOCK_TIMEOUT = "55P03";
/**
 * Shut down or cut off; connection trouble; a primary that was made a replica (S-120); a statement that another
 * replica's migration changed, or that somebody between us and Postgres forgot: all are well on a new connection.
 */
const LOST = /^(?:57P|08|25006|0A000|26000)/;
/** A statement as this connection has prepared it is of no use any more. Every connection of a pool may be like that. */
const STALE = new Set(["0A000", "26000"]);
/** Resources, statement timeout, system trouble, damage. */
const UNAVAILABLE = /^(?:53|57|58|XX|F0)/;

/** Judges what a query was rejected with. */
export function failureKind(error: unknown): FailureKind {
  // Without an answer of the server it is the socket, or a timeout of ours.
  if (!(error instanceof pg.DatabaseError)) return "lost";
  const code = error.code ?? "";
  if (error.severity === "FATAL" || error.severity === "PANIC" || LOST.test(code)) return "lost";
  if (CONTENDED.has(code)) return "contended";
  if (code === LOCK_TIMEOUT) return "blocked";
  return UNAVAILABLE.test(code) ? "unavailable" : "fault";
}

/**
 * How often to try again on another connection when nothing can have become of the work: once, for a connection that was
 * cut while it was idle; as often as there are connections, for statements that a migration made stale on each of them.
 */
export function triesAfter(error: unknown, connections: number): number {
  return error instanceof pg.DatabaseError && STALE.has(error.code ?? "") ? connections : 1;
}

/** What the caller hears: 503 for everything that may be well another time, the error itself for what is our fault. */
export function toStoreError(error: unknown): unknown {
  const texts = {
    lost: "the connection to Postgres was lost",
    contended: "too many want the same rows",
    blocked: "somebody keeps the rows",
    unavailable: "Postgres cannot do this now",
  } as const;
  const kind = failureKind(error);
  return kind === "fault" ? error : new StoreUnavailable(texts[kind], { cause: error });
}
