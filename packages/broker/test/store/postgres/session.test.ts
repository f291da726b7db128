import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import { StoreUnavailable } from "../../../src/store/database.ts";
import { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { selectOne } from "../../../src/store/verb.ts";

let place: TestDatabase;
beforeEach(async () => {
  place = await testDatabase();
});
afterEach(() => place.drop());

async function prepare(...statements: string[]): Promise<void> {
  const client = new pg.Client(place.url);
  await client.connect();
  const name = new URL(place.url).pathname.slice(1);
  for (const statement of statements) await client.query(statement.replaceAll("THIS", name));
  await client.end();
}

async function ask<T>(text: string): Promise<T | undefined> {
  const database = new PostgresDatabase({ url: place.url });
  try {
    return await database.read(() => selectOne<T>(text));
  } finally {
    await database.close();
  }
}

const setting = async (name: string) =>
  (await ask<{ value: string }>(`SELECT current_setting('${name}') AS value`))?.value;

/** Makes a server say something else about itself: a function before the one of the system. */
const pretend = (declaration: string) =>
  prepare(`CREATE FUNCTION public.${declaration}`, "ALTER DATABASE THIS SET search_path = public, pg_catalog");

describe("a session (S-120, S-122)", () => {
  it("confirms only what is durable, also where the database is set not to", async () => {
    await prepare("ALTER DATABASE THIS SET synchronous_commit = off");
    expect(await setting("synchronous_commit")).toBe("on");
  });

  it("keeps a setting that confirms later still", async () => {
    await prepare("ALTER DATABASE THIS SET synchronous_commit = remote_apply");
    expect(await setting("synchronous_commit")).toBe("remote_apply");
  });

  it("has limits of time for statements and for transactions that stand still", async () => {
    expect(await setting("statement_timeout")).toBe("5s");
    expect(await setting("idle_in_transaction_session_timeout")).toBe("10s");
  });

  it.each([
    ["a replica", "pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'", "replica"],
    [
      "a server without fsync",
      `current_setting(name text) RETURNS text LANGUAGE sql AS
         $$ SELECT CASE name WHEN 'fsync' THEN 'off' ELSE pg_catalog.current_setting(name) END $$`,
      "fsync off",
    ],
    [
      "a server that is too old",
      `current_setting(name text) RETURNS text LANGUAGE sql AS
         $$ SELECT CASE name WHEN 'server_version_num' THEN '130014' ELSE pg_catalog.current_setting(name) END $$`,
      "too old",
    ],
  ])("with %s is refused", async (_, declaration, words) => {
    await pretend(declaration);
    const refused = ask("SELECT 1 AS one");
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(refused).rejects.toThrow(words);
  });
});
