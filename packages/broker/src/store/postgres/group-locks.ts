import { hash } from "node:crypto";
import type { Answer, Query } from "./connection.ts";

/**
 * The names that verbs of one transaction hold among themselves. Postgres keeps transactions apart, but not the verbs
 * that share one.
 */
export class GroupLocks<Owner> {
  readonly #holders = new Map<string, Owner>();
  readonly #names = new Map<Owner, string[]>();

  /** @returns `new` when nobody of the group held it, `held` when the owner did, `taken` while another one does */
  take(name: string, owner: Owner): "new" | "held" | "taken" {
    const holder = this.#holders.get(name);
    if (holder === undefined) {
      this.#holders.set(name, owner);
      const names = this.#names.get(owner);
      if (names) names.push(name);
      else this.#names.set(owner, [name]);
      return "new";
    }
    return holder === owner ? "held" : "taken";
  }

  /** The owner is done; its names go to others of the group. The transaction keeps them from everybody else. */
  release(owner: Owner): void {
    for (const name of this.#names.get(owner) ?? []) this.#holders.delete(name);
    this.#names.delete(owner);
  }
}

/**
 * The number that stands for a name as an advisory lock, in decimal: 64 bits of its SHA-256, more than a number of
 * JavaScript holds. Who chooses part of a name finds none that meets another one.
 */
export function lockNumber(name: string): string {
  return hash("sha256", name, "buffer").readBigInt64BE().toString();
}

/** The name that a verb asks for is another transaction's, and its group does not wait for it. */
export class NameTaken extends Error {
  override readonly name = "NameTaken";
  /** When a group of this process that may have it has ended; absent: somebody else has it, for nobody knows how long. */
  readonly until: Promise<void> | undefined;

  constructor(until: Promise<void> | undefined) {
    super("another transaction has the name");
    this.until = until;
  }
}

const WAIT_FOR_NAMES = "SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS names (number)";
const TRY_NAMES = "SELECT pg_try_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS names (number)";

/**
 * Takes names for the transaction. What stands behind it sees what was committed by whoever had them before.
 * @param names in an order that all processes share, see `inLockOrder()`
 */
export function takeNames(names: readonly string[], wait: boolean): Query {
  const values = [names.map(lockNumber)];
  return wait
    ? { name: "wait for names", text: WAIT_FOR_NAMES, values }
    : { name: "try names", text: TRY_NAMES, values };
}

/** Those of the names that were not to be had. @param answer to `takeNames()` */
export function namesRefused(names: readonly string[], { rows }: Answer): ReadonlySet<string> {
  return new Set(names.filter((_, index) => rows[index]?.[0] === false));
}

/** Names in the order in which every process takes them. */
export function inLockOrder(names: Iterable<string>): string[] {
  return [...names].sort();
}
