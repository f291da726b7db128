/**
 * What both kinds of vault do alike: seal, open, set aside what does not open, and seal anew with a fresh key.
 */
import { KeeperError } from "../keeper-error.ts";
import { domainOf, entryLabel, KEY_DOMAINS, type KeyDomain } from "./entry-name.ts";
import { open, readHeader, seal } from "./sealed-box.ts";
import type { EntryName } from "./vault.ts";
import { unlessDamaged } from "./vault-failure.ts";
import type { VaultKeys } from "./vault-keys.ts";

/** A box as it was stored, with what its store needs to find the same one again. */
export interface StoredBox {
  readonly bytes: Buffer;
  readonly revision?: string;
}

/** Keeps sealed boxes. "Exclusive": only while no other process writes. */
export interface BoxStore {
  /** For messages. */
  readonly place: string;
  readonly read: (name: EntryName) => Promise<StoredBox | undefined>;
  readonly names: () => Promise<EntryName[]>;
  /** In one step, durable. Exclusive. */
  readonly replace: (name: EntryName, bytes: Buffer) => Promise<void>;
  /** Moves away what does not open, so that nothing overwrites it (S-95). Exclusive. @returns where it is now */
  readonly setAside: (name: EntryName, box: StoredBox, at: number) => Promise<string>;
}

export class SealedEntries {
  readonly #store: BoxStore;
  readonly #keys: VaultKeys;
  /** Epoch milliseconds. */
  readonly #now: () => number;

  constructor(store: BoxStore, keys: VaultKeys, now: () => number) {
    this.#store = store;
    this.#keys = keys;
    this.#now = now;
  }

  /** @returns undefined when there is none; `damaged` when it does not open, which a writer may just have caused */
  async read(name: EntryName): Promise<{ readonly content: string } | undefined | "damaged"> {
    const box = await this.#store.read(name);
    return box && ((await this.#open(name, box.bytes)) ?? "damaged");
  }

  /** Reads, undisturbed by writers, and only then calls it damaged. Exclusive. @throws KeeperError `VAULT_DAMAGED` */
  async readOrSetAside(name: EntryName): Promise<string | undefined> {
    const box = await this.#store.read(name);
    if (box === undefined) return undefined;
    const opened = await this.#open(name, box.bytes);
    if (opened !== undefined) return opened.content;
    const where = await this.#store.setAside(name, box, this.#now());
    throw new KeeperError(
      "VAULT_DAMAGED",
      `${entryLabel(name)} in the vault ${this.#store.place} does not open; it was set aside as ${where}`,
      { nextStep: "Something other than Kunji changed it, or the disk is failing. Nothing was overwritten." },
    );
  }

  /** Exclusive. */
  async write(name: EntryName, content: string): Promise<void> {
    // What does not open is no old content to be replaced, it is evidence (S-95). An unsafe file is refused here, too.
    await this.readOrSetAside(name).catch(unlessDamaged);
    await this.#replace(name, content);
  }

  /** Exclusive. @returns how many entries were sealed anew */
  async rotate(): Promise<number> {
    let count = 0;
    for (const domain of KEY_DOMAINS) {
      // The factors have no key before something was stored under it.
      if (domain === "main" || (await this.#keys.has(domain))) count += await this.#rotate(domain);
    }
    return count;
  }

  async #rotate(domain: KeyDomain): Promise<number> {
    await this.#keys.beginRotation(domain);
    let count = 0;
    for (const name of await this.#store.names()) {
      if (domainOf(name.kind) !== domain) continue;
      const content = await this.readOrSetAside(name).catch(unlessDamaged);
      if (content === undefined) continue;
      await this.#replace(name, content);
      // As it is stored now, with the fresh key: only then the old one may go (S-95).
      if ((await this.readOrSetAside(name)) !== content) throw this.#notReadBack(name);
      count += 1;
    }
    await this.#keys.endRotation(domain);
    return count;
  }

  async #replace(name: EntryName, content: string): Promise<void> {
    const key = await this.#keys.sealing(name.kind);
    const bytes = Buffer.from(content, "utf8");
    const box = seal(key, contextOf(name), bytes, this.#now());
    bytes.fill(0);
    await this.#store.replace(name, box);
  }

  async #open(name: EntryName, box: Buffer): Promise<{ readonly content: string } | undefined> {
    const header = readHeader(box);
    const key = header && (await this.#keys.opening(name.kind, header.keyId));
    const bytes = key && open(key, contextOf(name), box);
    if (bytes === undefined) return undefined;
    const content = bytes.toString("utf8");
    bytes.fill(0);
    return { content };
  }

  #notReadBack(name: EntryName): KeeperError {
    const message = `${entryLabel(name)} in the vault ${this.#store.place} was not read back as it was written`;
    return new KeeperError("VAULT_UNAVAILABLE", message, {
      nextStep: "The old key was kept, so nothing is lost. Check the disk, then rotate again.",
    });
  }
}

/** What an entry is sealed as: one in another's place does not open (S-91). */
function contextOf({ kind, broker, account }: EntryName): readonly string[] {
  return [kind, broker, account];
}
