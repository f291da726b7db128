/** The names that groups of this process have asked for, so that who is refused one knows whether a neighbour has it. */
export class NamesInUse {
  readonly #groups = new Map<string, Set<GroupNames>>();

  /** A group begins. */
  enter(): GroupNames {
    return new GroupNames(this.#groups);
  }
}

/** The names of one group. */
export class GroupNames {
  readonly #all: Map<string, Set<GroupNames>>;
  readonly #own = new Set<string>();
  readonly #ended: Promise<void>;
  #resolve: () => void = () => {};

  constructor(all: Map<string, Set<GroupNames>>) {
    this.#all = all;
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  ask(name: string): void {
    this.#own.add(name);
    const groups = this.#all.get(name);
    if (groups) groups.add(this);
    else this.#all.set(name, new Set([this]));
  }

  /** The group does not get the name. @returns the end of a neighbour that may have it; absent: another process has it */
  giveUp(name: string): Promise<void> | undefined {
    this.#drop(name);
    for (const neighbour of this.#all.get(name) ?? []) return neighbour.#ended;
    return undefined;
  }

  /** The group has ended, and with it all that it had. */
  end(): void {
    for (const name of this.#own) this.#drop(name);
    this.#resolve();
  }

  #drop(name: string): void {
    this.#own.delete(name);
    const groups = this.#all.get(name);
    groups?.delete(this);
    if (groups?.size === 0) this.#all.delete(name);
  }
}
