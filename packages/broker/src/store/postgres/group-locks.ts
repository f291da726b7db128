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
