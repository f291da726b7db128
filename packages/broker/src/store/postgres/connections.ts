import pg from "pg";
import { StoreUnavailable } from "../database.ts";
import { Connection } from "./connection.ts";

/** How long to wait for a free or new connection before the caller hears 503 (S-122). */
const ACQUIRE_MS = 5_000;
/** A statement of ours takes milliseconds; one that takes this long is stuck (S-122). */
const STATEMENT_MS = 5_000;
/** A process that stops in the middle of a transaction must not keep the rows it has. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * What every session is set to. All our statements find their rows by an index: a plan that was made while a table was
 * empty must not stay a scan of it, and short statements are not worth compiling. Outside a transaction that says otherwise
 * nothing can be written: what travels behind a BEGIN that failed is refused, and not committed one by one.
 */
const SESSION = [
  `SET statement_timeout = ${STATEMENT_MS}`,
  `SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
  "SET default_transaction_read_only = on",
  "SET enable_seqscan = off",
  "SET enable_hashjoin = off",
  "SET enable_mergejoin = off",
  "SET jit = off",
  "SET client_min_messages = warning",
].join("; ");

const FACTS = `SELECT pg_is_in_recovery() AS is_replica, current_setting('fsync') AS fsync,
  current_setting('synchronous_commit') AS synchronous_commit, current_setting('server_version_num')::int AS version`;

interface ServerFacts {
  readonly is_replica: boolean;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly version: number;
}

const OLDEST_VERSION = 140_000;

/** The connections of one process to its Postgres. */
export class Connections {
  /** How many there are at most. */
  readonly most: number;
  readonly #pool: pg.Pool;

  /** @param url `postgres://...`; its password is not in any error */
  constructor(url: string, most: number) {
    this.most = most;
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: "kunji-broker",
      max: most,
      connectionTimeoutMillis: ACQUIRE_MS,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      // Whatever is asked at one moment travels in one go.
      pipeline: true,
      types: { getTypeParser },
      // The pool waits for what this returns, which its types do not say.
      onConnect: prepareSession as (client: pg.ClientBase) => void,
    });
    // An idle connection that breaks is replaced when one is needed; without a listener it would end the process.
    this.#pool.on("error", () => {});
    this.#pool.on("connect", (client) => client.on("error", () => {}));
  }

  /**
   * A connection to a primary that confirms what is durable.
   * @throws StoreUnavailable when none can be had in time
   */
  async acquire(): Promise<Connection> {
    try {
      return new Connection(await this.#pool.connect());
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      throw new StoreUnavailable(`no connection to Postgres: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Closes every connection when it is given back. */
  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** What the server or the network says. Neither repeats a password. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return message || code || "unknown";
}

/** Sets a new session up and looks where it has led: anything but a durable primary is refused (S-120). */
async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(SESSION);
  const { rows } = await client.query<ServerFacts>(FACTS);
  const [facts] = rows;
  if (!facts) throw new StoreUnavailable("Postgres says nothing about itself");
  if (facts.is_replica) throw new StoreUnavailable("this Postgres is a replica: only the primary knows what is valid");
  if (facts.version < OLDEST_VERSION) throw new StoreUnavailable("this Postgres is too old: 14 or later is needed");
  if (facts.fsync !== "on") throw new StoreUnavailable("this Postgres has fsync off: it may lose what it confirmed");
  // A stronger setting of the server (remote_apply) stays.
  if (/^(?:off|local)$/.test(facts.synchronous_commit)) await client.query("SET synchronous_commit = on");
}

/** A bigint of ours is a time or a counter, far below 2^53. */
const getTypeParser = ((oid: number, format?: "text") =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;
