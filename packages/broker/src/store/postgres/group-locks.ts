import type { Answer, Query } from "./connection.ts";

/**
 * The names that verbs of one transaction hold among themselves. Postgres keeps transactions apart, but not the verbs
 * that share one.
 */
export class GroupLocks<Owner> {
  readonly #holders = new Map<string, Owner>();

  /** @returns `new` when nobody of the group held it, `held` when the owner did, `taken` while another one does */
  take(name: string, owner: Owner): "new" | "held" | "taken" {
    const holder = this.#holders.get(name);
    if (holder === undefined) {
      this.#holders.set(name, owner);
      return "new";
    }
    return holder === owner ? "held" : "taken";
  }

  /** The owner is done; its names go to others of the group. The transaction keeps them from everybody else. */
  release(owner: Owner): void {
    for (const [name, holder] of this.#holders) if (holder === owner) this.#holders.delete(name);
  }
}

/** The number that stands for a name as an advisory lock: FNV-1a over its UTF-16. Two names that meet only wait. */
export function lockNumber(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash | 0;
}

/** The name that a verb asks for is another transaction's, and its group does not wait for it. */
export class NameTaken extends Error {
  override readonly name = "NameTaken";

  constructor() {
    super("another transaction has the name");
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
