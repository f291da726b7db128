/** Revisions that were read lately, and who wants to know of new ones. For vaults that are far away. */
export class RevisionCache {
  readonly #known = new Map<string, { readonly revision: string | undefined; readonly until: number }>();
  readonly #watchers = new Map<string, Set<() => void>>();
  /** Grows with every change: an answer that was asked for before it is not kept. */
  #changes = 0;

  /** @param life how long a revision may be believed, ms */
  readonly #life: number;

  constructor(life: number) {
    this.#life = life;
  }

  async get(entry: string, ask: () => Promise<string | undefined>): Promise<string | undefined> {
    const known = this.#known.get(entry);
    if (known !== undefined && performance.now() < known.until) return known.revision;
    const changes = this.#changes;
    // Its age counts from the question: the answer may be as old as that.
    const until = performance.now() + this.#life;
    const revision = await ask();
    if (changes === this.#changes) this.#known.set(entry, { revision, until });
    return revision;
  }

  watch(entry: string, changed: () => void): () => void {
    const watchers = this.#watchers.get(entry) ?? new Set();
    this.#watchers.set(entry, watchers);
    const watcher = () => changed();
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(entry) === watchers) this.#watchers.delete(entry);
    };
  }

  changed(entry: string): void {
    this.#changes += 1;
    this.#known.delete(entry);
    for (const tell of [...(this.#watchers.get(entry) ?? [])]) tell();
  }

  /** Notifications may have been missed: everybody looks again. */
  everythingChanged(): void {
    for (const entry of new Set([...this.#known.keys(), ...this.#watchers.keys()])) this.changed(entry);
  }
}
