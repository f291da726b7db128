import pg from "pg";

/** Another program on the same database. */
export interface Outsider extends AsyncDisposable {
  readonly client: pg.Client;
}

export async function openOutsider(url: string): Promise<Outsider> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

/** Somebody who begins a transaction with this and sits on what it locked until they end it, or go. */
export async function holdingWith(url: string, statement: string, values: readonly unknown[] = []): Promise<Outsider> {
  const outsider = await openOutsider(url);
  await outsider.client.query("BEGIN");
  await outsider.client.query(statement, [...values]);
  return outsider;
}
