/**
 * The vault of one machine: a folder of sealed files.
 *
 *     vault.json                        its id and which keys it was made with; no secret
 *     upstox~default~session.sealed     one file per entry
 *     ….sealed.damaged-TIME             an entry that did not open, set aside (S-95)
 *     main.ring  factors.ring           the keys, sealed by a passphrase; only in vaults that have one
 *     locks/                            a folder of tickets per lock
 */
import { join, resolve } from "node:path";
import { type AccountId, requireAccountName } from "../account.ts";
import { KeeperError } from "../keeper-error.ts";
import { domainOf, entryFile, entryLabel, type KeyDomain, readEntryFile } from "./entry-name.ts";
import { EntryWatch, fileRevision } from "./entry-watch.ts";
import { FileLock, type LockOptions } from "./file-lock.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import {
  preparePrivateFolder,
  readPrivateFile,
  replacePrivateFile,
  requirePrivateFolder,
  sweepTemporaryFiles,
  syncFolder,
  unlinkIfThere,
} from "./private-file.ts";
import { HEADER_BYTES, readHeader } from "./sealed-box.ts";
import { type BoxStore, SealedEntries, type StoredBox } from "./sealed-entries.ts";
import type { HeldTicket } from "./ticket-queue.ts";
import type { EntryInfo, EntryName, Vault } from "./vault.ts";
import { vaultFailure } from "./vault-failure.ts";
import type { KeyNotes, KeySettings } from "./vault-key.ts";
import { VaultKeys } from "./vault-keys.ts";

export interface FileVaultOptions {
  /** Made with everything above it when it is not there; then it must be ours, 0700 and no link (S-93). */
  readonly directory: string;
  readonly keys: KeySettings;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
  /** Tests hand in one that fails. */
  readonly fileSystem?: FileSystem | undefined;
}

/**
 * Opens the vault in a folder, or makes one there.
 * @throws KeeperError `VAULT_LOCKED` when its key is missing or wrong (S-92), `VAULT_UNSAFE` (S-93), `VAULT_UNAVAILABLE`
 */
export async function openFileVault(options: FileVaultOptions): Promise<Vault> {
  return await FileVault.open(options);
}

const LOCKS = "locks";

class FileVault implements Vault {
  readonly place: string;
  readonly #fs: FileSystem;
  readonly #keys: VaultKeys;
  readonly #entries: SealedEntries;
  readonly #watch: EntryWatch;
  /** Everything that changes a file holds it (S-94); readers need none. */
  readonly #writer: FileLock;
  /** The writer's lock, while this process holds it. */
  #held: HeldTicket | undefined;
  readonly #locks = new Map<string, FileLock>();
  readonly #writes = new Set<Promise<unknown>>();
  #isClosed = false;

  private constructor({ directory, keys, now = Date.now, fileSystem = nodeFileSystem }: FileVaultOptions) {
    this.place = resolve(directory);
    this.#fs = fileSystem;
    this.#watch = new EntryWatch(this.place);
    this.#writer = new FileLock(this.#fs, join(this.place, LOCKS, "writer"));
    const notes: KeyNotes = {
      read: (name) => readPrivateFile(this.#fs, this.#path(name)),
      replace: (name, bytes) => this.#replaceFile(name, bytes),
    };
    const store: BoxStore = {
      place: this.place,
      read: async (name) => {
        const bytes = await readPrivateFile(this.#fs, this.#path(entryFile(name)));
        return bytes && { bytes };
      },
      names: () => this.#names(),
      replace: (name, bytes) => this.#replaceFile(entryFile(name), bytes),
      setAside: (name, _box, at) => this.#setAside(name, _box, at),
    };
    const hasEntries = async (domain: KeyDomain) => (await this.#names()).some(({ kind }) => domainOf(kind) === domain);
    const requireExclusive = () => this.#requireExclusive();
    this.#keys = new VaultKeys({ place: this.place, notes, hasEntries, requireExclusive, isShared: false }, keys);
    this.#entries = new SealedEntries(store, this.#keys, now);
  }

  static async open(options: FileVaultOptions): Promise<FileVault> {
    const vault = new FileVault(options);
    await vault.#attempt("could not be opened", async () => {
      await preparePrivateFolder(vault.#fs, vault.place);
      await preparePrivateFolder(vault.#fs, vault.#path(LOCKS));
      if (!(await vault.#keys.tryOpen())) await vault.#writing(() => vault.#keys.sealing("account"));
    });
    return vault;
  }

  async read(name: EntryName): Promise<string | undefined> {
    this.#requireOpen();
    return await this.#attempt("could not be read", async () => {
      await requirePrivateFolder(this.#fs, this.place);
      const found = await this.#entries.read(name);
      if (found !== "damaged") return found?.content;
      return await this.#writing(() => this.#entries.readOrSetAside(name));
    });
  }

  async write(name: EntryName, content: string): Promise<void> {
    await this.#attempt(`could not be written (${entryLabel(name)})`, () =>
      this.#writing(() => this.#entries.write(name, content)),
    );
  }

  async remove(name: EntryName): Promise<boolean> {
    const path = this.#path(entryFile(name));
    return await this.#attempt(`could not be written (${entryLabel(name)})`, () =>
      this.#writing(async () => {
        await this.#requireExclusive();
        const wasThere = await unlinkIfThere(this.#fs, path);
        if (wasThere) await syncFolder(this.#fs, this.place);
        return wasThere;
      }),
    );
  }

  async list(): Promise<EntryInfo[]> {
    this.#requireOpen();
    return await this.#attempt("could not be read", async () => {
      await requirePrivateFolder(this.#fs, this.place);
      const infos = (await this.#names()).map(async (name) => {
        const box = await readPrivateFile(this.#fs, this.#path(entryFile(name)), HEADER_BYTES);
        const header = box && readHeader(box);
        return header && { ...name, ...header };
      });
      return (await Promise.all(infos)).filter((info) => info !== undefined);
    });
  }

  async revision(name: EntryName): Promise<string | undefined> {
    this.#requireOpen();
    const path = this.#path(entryFile(name));
    return await this.#attempt("could not be read", async () => fileRevision(path));
  }

  watch(name: EntryName, changed: () => void): () => void {
    this.#requireOpen();
    return this.#watch.add(entryFile(name), changed);
  }

  async withLock<T>(
    { broker, account }: AccountId,
    work: (lost: AbortSignal) => Promise<T>,
    options: LockOptions = {},
  ): Promise<T> {
    this.#requireOpen();
    // No broker's name holds a `~`, so no lock is called like the writer's.
    const name = `${requireAccountName(broker)}~${requireAccountName(account)}`;
    const lock = this.#locks.get(name) ?? new FileLock(this.#fs, join(this.place, LOCKS, name));
    this.#locks.set(name, lock);
    return await lock.run(({ lost }) => work(lost), options);
  }

  async rotateKey(): Promise<number> {
    return await this.#attempt("could not be sealed anew; it opens with the old and the new key, so try again", () =>
      this.#writing(() => this.#entries.rotate()),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    await Promise.all([...this.#locks.values()].map((lock) => lock.close(this.#closed())));
    await Promise.allSettled(this.#writes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #setAside(name: EntryName, _box: StoredBox, at: number): Promise<string> {
    const time = new Date(at).toISOString().replaceAll(/[:.]/g, "-");
    const aside = `${entryFile(name)}.damaged-${time}`;
    await this.#requireExclusive();
    await this.#fs.rename(this.#path(entryFile(name)), this.#path(aside));
    await syncFolder(this.#fs, this.place);
    return aside;
  }

  async #replaceFile(name: string, bytes: Buffer): Promise<void> {
    await replacePrivateFile(this.#fs, this.place, name, bytes, () => this.#requireExclusive());
  }

  /** Rejects unless this process holds the writer's lock now. */
  async #requireExclusive(): Promise<void> {
    if (this.#held === undefined) throw new TypeError("written without the writer's lock");
    await this.#held.requireHeld();
  }

  async #names(): Promise<EntryName[]> {
    return (await this.#fs.readdir(this.place)).map(readEntryFile).filter((name) => name !== undefined);
  }

  #path(file: string): string {
    return join(this.place, file);
  }

  /** Runs as the only writer; `close` waits for it. */
  async #writing<T>(work: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    const write = this.#writer.run(async (held) => {
      this.#held = held;
      try {
        await requirePrivateFolder(this.#fs, this.place);
        // Before anything else: `replacePrivateFile` says why.
        await sweepTemporaryFiles(this.#fs, this.place);
        return await work();
      } finally {
        this.#held = undefined;
      }
    });
    this.#writes.add(write);
    try {
      return await write;
    } finally {
      this.#writes.delete(write);
    }
  }

  async #attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof TypeError) throw error;
      throw vaultFailure(error, this.place, what);
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw this.#closed();
  }

  #closed(): KeeperError {
    return new KeeperError("VAULT_UNAVAILABLE", `the vault ${this.place} was closed`);
  }
}
