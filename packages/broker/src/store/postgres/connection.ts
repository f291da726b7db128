import type pg from "pg";

/** A statement on its way to the server. */
export interface Query {
  readonly text: string;
  /** Prepared under this name; absent for a command that takes no parameters. */
  readonly name?: string;
  readonly values?: readonly unknown[];
}

/** What came back: rows as arrays, in the order of the columns. */
export interface Answer {
  readonly columns: readonly { readonly name: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly changes: number;
  /** The word that the server ends a statement with, such as `COMMIT`. */
  readonly command: string;
}

export type QueryOutcome =
  | { readonly isOk: true; readonly answer: Answer }
  | { readonly isOk: false; readonly error: unknown };

/** The server has not answered in time, so nobody knows what it did. */
export class AnswerOverdue extends Error {
  override readonly name = "AnswerOverdue";
}

/** A connection that one transaction has for itself. */
export class Connection {
  readonly #client: pg.PoolClient;
  #lost: unknown;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    client.on("error", this.#lose);
  }

  /**
   * Sends queries in one go and waits for all answers, in the same order: one round trip for any number of them. In a
   * transaction the queries behind one that failed fail as well.
   * @param deadlineMs after it the connection is given up, and every query that has no answer is rejected
   */
  async roundTrip(queries: readonly Query[], deadlineMs: number): Promise<QueryOutcome[]> {
    const deadline = setTimeout(() => this.#giveUp(deadlineMs), deadlineMs);
    deadline.unref();
    const { stream } = this.#connection;
    // One system call for all of them; each costs more than the query it carries.
    stream.cork();
    const outcomes = queries.map((query) => this.#send(query));
    stream.uncork();
    try {
      return await Promise.all(outcomes);
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Gives the connection back. One that was lost, or stands inside a transaction, is closed. */
  release(isClean: boolean): void {
    this.#client.off("error", this.#lose);
    this.#client.release(this.#lost !== undefined || !isClean);
  }

  #send({ text, name, values }: Query): Promise<QueryOutcome> {
    return new Promise((resolve) => {
      const config = { text, rowMode: "array" as const, ...(name === undefined ? {} : { name }) };
      this.#client.query({ ...config, values: values as unknown[] }, (error: unknown, result: pg.QueryArrayResult) => {
        if (error) resolve({ isOk: false, error });
        else {
          const { fields, rows, rowCount, command } = result;
          resolve({ isOk: true, answer: { columns: fields, rows, changes: rowCount ?? 0, command } });
        }
      });
    });
  }

  /** The driver's own, which its types show for clients outside a pool only. */
  get #connection(): pg.Connection {
    return (this.#client as unknown as pg.Client).connection;
  }

  readonly #lose = (error: unknown): void => {
    this.#lost ??= error;
  };

  #giveUp(deadlineMs: number): void {
    const error = new AnswerOverdue(`Postgres has not answered for ${deadlineMs} ms`);
    this.#lose(error);
    this.#connection.stream.destroy(error);
  }
}
