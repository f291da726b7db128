/**
 * One connection to Postgres for everything a vault does, made again when it breaks.
 *
 * One and not a pool: fifty processes of a team must fit into a small server's connection limit. Nothing here blocks
 * it: locks are tried, never waited for inside a statement, so notifications keep coming in.
 */
import type { Client, QueryResultRow } from "pg";
import { KeeperError } from "../keeper-error.ts";
import { InOrder } from "./in-order.ts";
import { ConnectionLost, endsConnection, isPassing, postgresFailure } from "./postgres-failure.ts";

/** The driver's types leave these out. */
interface DriverClient extends Client {
  readonly ref: () => void;
  readonly unref: () => void;
}

/** A connection that lives; what belongs to it (advisory locks) ends with it. */
export interface PostgresSession {
  /** @throws when the connection is gone; it is not made again under the caller's feet */
  readonly query: <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  /** Ends with the connection. */
  readonly lost: AbortSignal;
  /** Ends the connection, and with it what belongs to it. */
  readonly giveUp: () => void;
}

export interface PostgresLineOptions {
  readonly url: string;
  /** The same without its password, for messages. */
  readonly place: string;
  /** After every connect, before anybody else uses it. */
  readonly onConnect: (session: PostgresSession) => Promise<void>;
  readonly onNotification: (payload: string) => void;
  /** After every connect but the first: notifications may have been missed. */
  readonly onReconnect: () => void;
}

/** How long is tried to connect, ms. */
const PATIENCE = 10_000;
/** How long one connect or statement may take, ms. */
const STATEMENT_PATIENCE = 5_000;
/** How often a connection that somebody relies on is asked whether it is still there, ms: a cut cable says nothing. */
const PULSE = 2_000;
/** How long a server may take to let a connection go, ms. */
const GOODBYE_PATIENCE = 1_000;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1_000;

/** Shown with a URL that cannot be read. */
export const URL_STEP = "It looks like postgres://user:password@host:5432/database; special characters as %40.";

export class PostgresLine {
  readonly #options: PostgresLineOptions;
  #client: DriverClient | undefined;
  #session: Promise<PostgresSession> | undefined;
  #wasConnected = false;
  #isClosed = false;
  /** How many keep the process alive: statements under way, watches, locks. */
  #holders = 0;
  /** How many need a connection all the time. */
  #watchers = 0;
  #pulse: NodeJS.Timeout | undefined;

  constructor(options: PostgresLineOptions) {
    this.#options = options;
  }

  /** The connection, made when there is none. @throws KeeperError `VAULT_UNAVAILABLE` after 10 s of attempts */
  async session(): Promise<PostgresSession> {
    const session = this.#session ?? this.#connectPatiently();
    this.#session = session;
    try {
      return await session;
    } catch (error) {
      // Not the next attempt, which somebody else may have begun.
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }

  /** For statements that may run twice: tried again on a new connection when the old one broke. */
  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.session();
      try {
        return await session.query<Row>(text, values);
      } catch (error) {
        if (!session.lost.aborted || attempt === 3) throw this.failure(error);
      }
    }
  }

  /** Keeps the process alive, and with `isWatching` the connection, too. @returns ends that */
  hold(isWatching: boolean): () => void {
    this.#count(1, isWatching ? 1 : 0);
    let isHeld = true;
    return () => {
      if (isHeld) this.#count(-1, isWatching ? -1 : 0);
      isHeld = false;
    };
  }

  failure(error: unknown): KeeperError {
    return postgresFailure(error, this.#options.place);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#pulse);
    await this.#session?.catch(() => {});
    if (this.#client !== undefined) await sayGoodbye(this.#client);
  }

  #count(holders: number, watchers: number): void {
    this.#holders += holders;
    this.#watchers += watchers;
    this.#refer();
    if (this.#watchers === 0) {
      clearInterval(this.#pulse);
      this.#pulse = undefined;
    } else if (watchers > 0) {
      this.#pulse ??= setInterval(() => this.#beat(), PULSE);
    }
  }

  #beat(): void {
    this.session()
      .then((session) => session.query("SELECT 1"))
      .catch(() => {});
  }

  /** An idle connection does not keep a program from ending. */
  #refer(): void {
    if (this.#holders > 0) this.#client?.ref();
    else this.#client?.unref();
  }

  async #connectPatiently(): Promise<PostgresSession> {
    const release = this.hold(false);
    const start = performance.now();
    try {
      const driver = await loadDriver();
      for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        if (this.#isClosed) throw new KeeperError("VAULT_UNAVAILABLE", `the vault ${this.#options.place} was closed`);
        try {
          return await this.#connect(driver);
        } catch (error) {
          const isOver = performance.now() - start + pause > PATIENCE;
          if (isOver || !isPassing(error)) throw this.failure(error);
          // Not all at once: everybody's connection broke at the same moment.
          await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
        }
      }
    } finally {
      release();
    }
  }

  async #connect(driver: Driver): Promise<PostgresSession> {
    const client = newClient(driver, this.#options.url);
    const inOrder = new InOrder();
    const lost = new AbortController();
    const lose = () => {
      if (lost.signal.aborted) return;
      lost.abort(new ConnectionLost(this.#options.place));
      client.end().catch(() => {});
      if (this.#client === client) this.#forget();
    };
    client.on("error", lose);
    client.on("end", lose);
    client.on("notification", ({ payload }) => this.#options.onNotification(payload ?? ""));
    const session: PostgresSession = {
      lost: lost.signal,
      giveUp: lose,
      query: async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) => {
        lost.signal.throwIfAborted();
        const release = this.hold(false);
        const leave = await inOrder.enter();
        try {
          return (await client.query<Row>(text, [...values])).rows;
        } catch (error) {
          if (endsConnection(error)) lose();
          throw error;
        } finally {
          leave();
          release();
        }
      },
    };
    try {
      await client.connect();
      await this.#options.onConnect(session);
    } catch (error) {
      lose();
      throw error;
    }
    if (lost.signal.aborted) throw lost.signal.reason;
    this.#client = client;
    this.#refer();
    if (this.#wasConnected) queueMicrotask(this.#options.onReconnect);
    this.#wasConnected = true;
    return session;
  }

  #forget(): void {
    this.#client = undefined;
    this.#session = undefined;
    if (!this.#isClosed && this.#watchers > 0) this.#beat();
  }
}

/** Over a cut cable the other side never answers, and the system would try for a quarter of an hour. */
async function sayGoodbye(client: DriverClient): Promise<void> {
  // Or the process could end in the middle of it.
  client.ref();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GOODBYE_PATIENCE);
  });
  await Promise.race([client.end(), silence]);
  clearTimeout(timer);
  client.unref();
}

type Driver = Awaited<ReturnType<typeof loadDriver>>;

/** Loaded only when needed: most vaults are files. */
async function loadDriver() {
  return (await import("pg")).default;
}

function newClient(pg: Driver, url: string): DriverClient {
  try {
    return new pg.Client({
      connectionString: url,
      application_name: "kunji",
      connectionTimeoutMillis: STATEMENT_PATIENCE,
      query_timeout: STATEMENT_PATIENCE,
      keepAlive: true,
    }) as DriverClient;
  } catch {
    // No cause: it could hold the URL with the password.
    throw new KeeperError("USAGE", "the vault's postgres:// URL cannot be read", { nextStep: URL_STEP });
  }
}
