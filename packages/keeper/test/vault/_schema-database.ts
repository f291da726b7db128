import { randomBytes } from "node:crypto";
import pg from "pg";
import { testDatabase } from "../../../../test/_postgres/test-database.ts";

/** One database for a file of tests, with a schema per vault: cheaper than a database each, and apart all the same. */
export interface SchemaDatabase {
  /** URL of an empty schema. */
  readonly schema: () => Promise<string>;
  /** Runs statements beside the vaults. */
  readonly client: pg.Client;
  readonly drop: () => Promise<void>;
}

export async function schemaDatabase(): Promise<SchemaDatabase> {
  const database = await testDatabase();
  const client = new pg.Client(database.url);
  await client.connect();
  return {
    client,
    schema: () => createSchema(client, database.url),
    async drop() {
      await client.end();
      await database.drop();
    },
  };
}

/** @param url of the database that the client is connected to. @returns URL of an empty schema in it */
export async function createSchema(client: pg.Client, url: string): Promise<string> {
  const name = `vault_${randomBytes(4).toString("hex")}`;
  await client.query(`CREATE SCHEMA ${name}`);
  return `${url}?options=-csearch_path%3D${name}`;
}
