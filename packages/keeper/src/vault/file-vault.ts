/**
 * The vault of one machine: a folder of sealed files.
 *
 *     vault.json                        its id and which keys it was made with; no secret
 *     upstox~default~session.sealed     one file per entry
 *     ….sealed.damaged-TIME             an entry that did not open, set aside (S-95)
 *     main.ring  factors.ring           the keys, sealed by a passphrase; only for vaults that have one
 *     locks/                            a folder of tickets per lock
 */
import { join, resolve } from "node:path";
import type { AccountId } from "../account.ts";
import { requireAccountName } from "../account.ts";
import { KeeperError } from "../keeper-error.ts";
import {
  domainOf,
  entryFile,
  entryLabel,
  KEY_DOMAINS,
  type KeyDomain,
  readEntryFile,
  requireEntryName,
} from "./entry-name.ts";
import { EntryWatch, fileRevision } from "./entry-watch.ts";
import { FileLock, type LockOptions } from "./file-lock.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import {
  isTemporaryFile,
  preparePrivateFolder,
  readPrivateFile,
  replacePrivateFile,
  requirePrivateFolder,
  sweepTemporaryFiles,
  syncFolder,
} from "./private-file.ts";
import { HEADER_BYTES, open, readHeader, seal } from "./sealed-box.ts";
import type { EntryInfo, EntryName, Vault } from "./vault.ts";
import { errorCode, vaultFailure } from "./vault-failure.ts";
import type { KeySettings } from "./vault-key.ts";
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

class FileVault implements Vault {
  readonly place: string;
  readonly #fs: FileSystem;
  readonly #now: () => number;
  readonly #keys: VaultKeys;
  readonly #watch: EntryWatch;
  /** Everything that changes a file holds it (S-94); readers need none. */
  readonly #writer: FileLock;
  readonly #locks = new Map<string, FileLock>();
  readonly #writes = new Set<Promise<unknown>>();
  #isClosed = false;

  private constructor({ directory, keys, now = Date.now, fileSystem = nodeFileSystem }: FileVaultOptions) {
    this.place = resolve(directory);
    this.#fs = fileSystem;
    this.#now = now;
    this.#watch = new EntryWatch(this.place);
    this.#writer = new FileLock(this.#fs, join(this.place, LOCKS, "writer"));
    const notes = {
      read: (name: string) => readPrivateFile(this.#fs, this.#path(name)),
      replace: (name: string, bytes: Buffer) => replacePrivateFile(this.#fs, this.place, name, bytes),
    };
    const hasEntries = async (domain: KeyDomain) => (await this.#names()).some(({ kind }) => domainOf(kind) === domain);
    this.#keys = new VaultKeys({ place: this.place, notes, hasEntries, isShared: false }, keys);
  }

  static async open(options: FileVaultOptions): Promise<FileVault> {
    const vault = new FileVault(options);
    await vault.#attempt("could not be opened", async () => {
      await preparePrivateFolder(vault.#fs, vault.place);
      await preparePrivateFolder(vault.#fs, vault.#path(LOCKS));
      const isLeftover = (await vault.#fs.readdir(vault.place)).some(isTemporaryFile);
      if (isLeftover) await vault.#writer.run(() => sweepTemporaryFiles(vault.#fs, vault.place));
      if (!(await vault.#keys.tryOpen())) await vault.#writer.run(() => vault.#keys.sealing("account"));
    });
    return vault;
  }

  async read(name: EntryName): Promise<string | undefined> {
    const file = entryFile(name);
    this.#requireOpen();
    return await this.#attempt("could not be read", async () => {
      await requirePrivateFolder(this.#fs, this.place);
      const box = await readPrivateFile(this.#fs, this.#path(file));
      if (box === undefined) return undefined;
      const content = await this.#openBox(name, box);
      if (content !== undefined) return content.toString("utf8");
      return await this.#writing(() => this.#readOrSetAside(name));
    });
  }

  async write(name: EntryName, content: string): Promise<void> {
    requireEntryName(name);
    await this.#attempt(`could not be written: ${entryLabel(name)} is as it was, unless it is new already`, () =>
      this.#writing(async (lost) => {
        await requirePrivateFolder(this.#fs, this.place);
        // What does not open is no old content to be replaced, it is evidence (S-95). A link is refused here, too.
        await this.#readOrSetAside(name).catch((error: unknown) => {
          if (!(error instanceof KeeperError && error.code === "VAULT_DAMAGED")) throw error;
        });
        await this.#replace(name, Buffer.from(content, "utf8"), lost);
      }),
    );
  }

  async remove(name: EntryName): Promise<boolean> {
    const file = entryFile(name);
    return await this.#attempt(`could not be written: ${entryLabel(name)} may still be there`, () =>
      this.#writing(async () => {
        await requirePrivateFolder(this.#fs, this.place);
        try {
          await this.#fs.unlink(this.#path(file));
        } catch (error) {
          if (errorCode(error) === "ENOENT") return false;
          throw error;
        }
        await syncFolder(this.#fs, this.place);
        return true;
      }),
    );
  }

  async list(): Promise<EntryInfo[]> {
    this.#requireOpen();
    return await this.#attempt("could not be read", async () => {
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
    return await this.#attempt("could not be read", async () => fileRevision(this.#path(entryFile(name))));
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
    const name = `${requireAccountName(broker)}~${requireAccountName(account)}`;
    const lock = this.#locks.get(name) ?? new FileLock(this.#fs, join(this.place, LOCKS, name));
    this.#locks.set(name, lock);
    return await lock.run(work, options);
  }

  async rotateKey(): Promise<number> {
    return await this.#attempt("could not be sealed anew: it opens with the old and the new key; try again", () =>
      this.#writing(async (lost) => {
        let count = 0;
        for (const domain of KEY_DOMAINS) {
          if (domain === "main" || (await this.#keys.has(domain))) count += await this.#rotate(domain, lost);
        }
        return count;
      }),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.close();
    const reason = closed(this.place);
    await Promise.all([...this.#locks.values()].map((lock) => lock.close(reason)));
    await Promise.allSettled(this.#writes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #rotate(domain: KeyDomain, lost: AbortSignal): Promise<number> {
    await this.#keys.beginRotation(domain);
    const names = (await this.#names()).filter(({ kind }) => domainOf(kind) === domain);
    let count = 0;
    for (const name of names) {
      const content = await this.#readOrSetAside(name).catch(() => undefined);
      if (content === undefined) continue;
      await this.#replace(name, Buffer.from(content, "utf8"), lost);
      // From the disk, with the fresh key: only then the old one may go (S-95).
      if ((await this.#readOrSetAside(name)) !== content) throw notReadBack(this.place, name);
      count += 1;
    }
    await this.#keys.endRotation(domain);
    return count;
  }

  /** Seals and replaces. For holders of the writer lock. */
  async #replace(name: EntryName, content: Buffer, lost: AbortSignal): Promise<void> {
    const box = seal(await this.#keys.sealing(name.kind), contextOf(name), content, this.#now());
    lost.throwIfAborted();
    await replacePrivateFile(this.#fs, this.place, entryFile(name), box);
  }

  /** Reads again, undisturbed by writers, and only then calls it damaged. For holders of the writer lock. */
  async #readOrSetAside(name: EntryName): Promise<string | undefined> {
    const file = entryFile(name);
    const box = await readPrivateFile(this.#fs, this.#path(file));
    if (box === undefined) return undefined;
    const content = await this.#openBox(name, box);
    if (content !== undefined) return content.toString("utf8");
    const time = new Date(this.#now()).toISOString().replaceAll(/[:.]/g, "-");
    const aside = `${file}.damaged-${time}`;
    await this.#fs.rename(this.#path(file), this.#path(aside));
    await syncFolder(this.#fs, this.place);
    throw new KeeperError(
      "VAULT_DAMAGED",
      `the vault's ${entryLabel(name)} does not open; it was set aside as ${aside}`,
      {
        nextStep: `It was changed by something other than Kunji, or the disk is failing. Nothing was overwritten.`,
      },
    );
  }

  async #openBox(name: EntryName, box: Buffer): Promise<Buffer | undefined> {
    const header = readHeader(box);
    const key = header && (await this.#keys.opening(name.kind, header.keyId));
    return key && open(key, contextOf(name), box);
  }

  async #names(): Promise<EntryName[]> {
    return (await this.#fs.readdir(this.place)).map(readEntryFile).filter((name) => name !== undefined);
  }

  #path(file: string): string {
    return join(this.place, file);
  }

  /** Runs as the only writer; `close` waits for it. */
  async #writing<T>(work: (lost: AbortSignal) => Promise<T>): Promise<T> {
    this.#requireOpen();
    const write = this.#writer.run(work);
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
      throw vaultFailure(error, this.place, what);
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closed(this.place);
  }
}

const LOCKS = "locks";

/** What an entry is sealed as: one in another's place does not open (S-91). */
function contextOf({ kind, broker, account }: EntryName): readonly string[] {
  return [kind, broker, account];
}

function closed(place: string): KeeperError {
  return new KeeperError("VAULT_UNAVAILABLE", `the vault ${place} was closed`);
}

function notReadBack(place: string, name: EntryName): KeeperError {
  return new KeeperError(
    "VAULT_UNAVAILABLE",
    `${entryLabel(name)} of the vault ${place} was not read back as it was written`,
  );
}
