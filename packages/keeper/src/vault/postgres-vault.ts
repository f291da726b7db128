/**
 * The vault of a team: one table in a Postgres. Everything is sealed before it goes there; the database sees neither
 * tokens nor secrets nor the key.
 */
import { type AccountId, requireAccountName } from "../account.ts";
import { withFirstEnd } from "../first-end.ts";
import { KeeperError } from "../keeper-error.ts";
import { domainOf, entryFile, isEntryKind, requireEntryName } from "./entry-name.ts";
import type { LockOptions } from "./file-lock.ts";
import { PostgresLine, type PostgresSession, URL_STEP } from "./postgres-line.ts";
import { lockKey, PostgresLock } from "./postgres-lock.ts";
import * as table from "./postgres-table.ts";
import { RevisionCache } from "./revision-cache.ts";
import { type BoxHeader, readHeader } from "./sealed-box.ts";
import { type BoxStore, SealedEntries, type StoredBox } from "./sealed-entries.ts";
import type { EntryInfo, EntryName, Vault } from "./vault.ts";
import type { KeyNotes, KeySettings } from "./vault-key.ts";
import { VaultKeys } from "./vault-keys.ts";

export interface PostgresVaultOptions {
  /** `postgres://user:password@host:port/database`; the table `kunji_vault` is made in the user's schema. */
  readonly url: string;
  readonly keys: KeySettings;
  /** Epoch milliseconds. Default: the machine's clock. */
  readonly now?: (() => number) | undefined;
}

/** How long a revision may be believed when no notification came, ms. */
const REVISION_LIFE = 1_000;

/**
 * Opens the vault in a database, or makes one there.
 * @throws KeeperError `VAULT_LOCKED` when its key is missing or wrong (S-92), `VAULT_UNAVAILABLE`, `USAGE`
 */
export async function openPostgresVault(options: PostgresVaultOptions): Promise<Vault> {
  return await PostgresVault.open(options);
}

class PostgresVault implements Vault {
  readonly place: string;
  readonly #line: PostgresLine;
  readonly #keys: VaultKeys;
  readonly #entries: SealedEntries;
  readonly #revisions = new RevisionCache(REVISION_LIFE);
  readonly #locks = new Map<string, PostgresLock>();
  readonly #closing = new AbortController();
  readonly #writes = new Set<Promise<unknown>>();
  /** Id of the table: what tells two vaults in one database apart. */
  #table = "";
  /** The connection that holds the writer's lock, while this process does. */
  #writer: PostgresSession | undefined;

  private constructor({ url, keys, now = Date.now }: PostgresVaultOptions) {
    this.place = withoutPassword(url);
    this.#line = new PostgresLine({
      url,
      place: this.place,
      onConnect: (session) => this.#setUp(session),
      onNotification: (payload) => this.#notified(payload),
      onReconnect: () => this.#revisions.everythingChanged(),
    });
    const notes: KeyNotes = {
      read: async (name) => (await this.#row(table.noteKey(name)))?.sealed,
      replace: (name, bytes) => this.#replace(table.noteKey(name), name, bytes),
    };
    const store: BoxStore = {
      place: this.place,
      read: async (name) => {
        const row = await this.#row(table.entryKey(name));
        return row && { bytes: row.sealed, revision: row.revision };
      },
      names: async () => (await this.#list()).map(({ name }) => name),
      replace: (name, bytes) => this.#replace(table.entryKey(name), entryFile(name), bytes),
      setAside: (name, box, at) => this.#setAside(name, box, at),
    };
    this.#keys = new VaultKeys(
      {
        place: this.place,
        notes,
        hasEntries: async (domain) => (await store.names()).some(({ kind }) => domainOf(kind) === domain),
        requireExclusive: async () => {
          await this.#requireWriter().query("SELECT 1");
        },
        isShared: true,
      },
      keys,
    );
    this.#entries = new SealedEntries(store, this.#keys, now);
  }

  static async open(options: PostgresVaultOptions): Promise<PostgresVault> {
    const vault = new PostgresVault(options);
    try {
      if (!(await vault.#keys.tryOpen())) await vault.#writing(() => vault.#keys.sealing("account"));
    } catch (error) {
      await vault.close();
      throw vault.#failure(error);
    }
    return vault;
  }

  async read(name: EntryName): Promise<string | undefined> {
    requireEntryName(name);
    return await this.#attempt(async () => {
      const found = await this.#entries.read(name);
      if (found !== "damaged") return found?.content;
      return await this.#writing(() => this.#entries.readOrSetAside(name));
    });
  }

  async write(name: EntryName, content: string): Promise<void> {
    requireEntryName(name);
    await this.#attempt(() => this.#writing(() => this.#entries.write(name, content)));
  }

  async remove(name: EntryName): Promise<boolean> {
    const values = [...table.entryKey(requireEntryName(name)), table.CHANNEL, entryFile(name)];
    const rows = await this.#attempt(() => this.#writing((session) => session.query(table.REMOVE, values)));
    this.#revisions.changed(entryFile(name));
    return rows.length > 0;
  }

  async list(): Promise<EntryInfo[]> {
    return await this.#attempt(async () => {
      const rows = await this.#list();
      return rows.flatMap(({ name, header }) => (header === undefined ? [] : [{ ...name, ...header }]));
    });
  }

  async revision(name: EntryName): Promise<string | undefined> {
    const key = table.entryKey(requireEntryName(name));
    return await this.#attempt(() =>
      this.#revisions.get(entryFile(name), async () => {
        const [row] = await this.#line.query<table.RevisionRow>(table.REVISION, key);
        return row?.revision;
      }),
    );
  }

  watch(name: EntryName, changed: () => void): () => void {
    this.#requireOpen();
    const stop = this.#revisions.watch(entryFile(name), changed);
    const release = this.#line.hold(true);
    return () => {
      stop();
      release();
    };
  }

  async withLock<T>(
    { broker, account }: AccountId,
    work: (lost: AbortSignal) => Promise<T>,
    options: LockOptions = {},
  ): Promise<T> {
    // No broker's name holds a `~`, so no lock is called like the writer's.
    const lock = await this.#lock(`${requireAccountName(broker)}~${requireAccountName(account)}`);
    return await lock.run(({ lost }) => withFirstEnd([lost, this.#closing.signal], work), options);
  }

  async rotateKey(): Promise<number> {
    return await this.#attempt(() => this.#writing(() => this.#entries.rotate()));
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(this.#closed());
    await Promise.allSettled(this.#writes);
    await this.#line.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Everything a new connection needs. The table is made by whoever comes first. */
  async #setUp(session: PostgresSession): Promise<void> {
    await session.query(table.SET_UP_SESSION);
    const find = async () => (await session.query<{ id: number | null }>(table.TABLE_ID))[0]?.id ?? undefined;
    let id = await find();
    if (id === undefined) {
      // Two who make it at once would meet in the catalogue: one of them would fail.
      await session.query("SELECT pg_advisory_lock($1)", [lockKey("create table")]);
      await session.query(table.CREATE_TABLE);
      await session.query("SELECT pg_advisory_unlock($1)", [lockKey("create table")]);
      id = await find();
    }
    this.#table = String(id);
  }

  #notified(payload: string): void {
    const [verb, name = "", who = "", next] = payload.split(" ");
    if (verb === "changed") this.#revisions.changed(name);
    if (verb === "waiting" || verb === "left" || verb === "released") this.#locks.get(name)?.heard(verb, who, next);
  }

  async #lock(name: string): Promise<PostgresLock> {
    this.#requireOpen();
    // The table's id is known after the first connect.
    await this.#line.session();
    const init = { name, scope: this.#table, channel: table.CHANNEL, closing: this.#closing.signal };
    const lock = this.#locks.get(name) ?? new PostgresLock(this.#line, init);
    this.#locks.set(name, lock);
    return lock;
  }

  async #row(key: readonly string[]): Promise<table.StoredRow | undefined> {
    return (await this.#line.query<table.StoredRow>(table.READ, key))[0];
  }

  /** Whatever counts as an entry; one without a header does not open. */
  async #list(): Promise<{ readonly name: EntryName; readonly header: BoxHeader | undefined }[]> {
    const rows = await this.#line.query<table.ListedRow>(table.LIST);
    return rows.flatMap(({ broker, account, kind, header }) =>
      isEntryKind(kind) ? [{ name: { kind, broker, account }, header: readHeader(header) }] : [],
    );
  }

  async #replace(key: readonly string[], label: string, bytes: Buffer): Promise<void> {
    await this.#requireWriter().query(table.WRITE, [...key, bytes, table.CHANNEL, label]);
    this.#revisions.changed(label);
  }

  async #setAside(name: EntryName, { revision }: StoredBox, at: number): Promise<string> {
    const label = entryFile(name);
    await this.#requireWriter().query(table.SET_ASIDE, [...table.entryKey(name), revision, at, table.CHANNEL, label]);
    this.#revisions.changed(label);
    return `the row with set_aside = ${at}`;
  }

  /** Runs as the only writer, on the very connection that holds the lock: without the lock nothing is written. */
  async #writing<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const write = (await this.#lock("writer")).run(async (session) => {
      this.#writer = session;
      try {
        return await work(session);
      } finally {
        this.#writer = undefined;
      }
    });
    this.#writes.add(write);
    try {
      return await write;
    } finally {
      this.#writes.delete(write);
    }
  }

  #requireWriter(): PostgresSession {
    if (this.#writer === undefined) throw new TypeError("written without the writer's lock");
    return this.#writer;
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    try {
      return await work();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): unknown {
    return error instanceof TypeError ? error : this.#line.failure(error);
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw this.#closed();
  }

  #closed(): KeeperError {
    return new KeeperError("VAULT_UNAVAILABLE", `the vault ${this.place} was closed`);
  }
}

/** @throws KeeperError `USAGE`, which names nothing of the URL: the password stands in it */
function withoutPassword(text: string): string {
  try {
    const { protocol, username, host, pathname } = new URL(text);
    return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
  } catch {
    throw new KeeperError("USAGE", "the vault's postgres:// URL cannot be read", {
      nextStep: URL_STEP,
    });
  }
}
