/**
 * Set-up file of the project `postgres`: where a test opens a SQLite database, in memory or in a file, it gets a
 * Postgres database of its own. Opening the same file again opens the same database.
 */
import pg from "pg";
import { afterAll, vi } from "vitest";
import { type TestDatabase, testDatabase } from "./test-database.ts";

const files = new Map<string, Promise<TestDatabase>>();
/** Databases of this file's closed brokers, emptied: making one costs ten times what emptying one does. */
const spare: TestDatabase[] = [];

afterAll(async () => {
  const used = await Promise.all(files.values());
  await Promise.all([...used, ...spare].map((database) => database.drop()));
});

vi.mock("../../packages/broker/src/store/open-database.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../packages/broker/src/store/open-database.ts")>();
  return {
    ...original,
    async openDatabase(options: Parameters<typeof original.openDatabase>[0]) {
      const path = original.sqlitePath(options.url);
      if (path !== undefined) return await original.openDatabase({ ...options, url: (await databaseOf(path)).url });
      if (options.url !== "sqlite::memory:") return await original.openDatabase(options);
      const own = spare.pop() ?? (await testDatabase());
      const database = await original.openDatabase({ ...options, url: own.url });
      const close = database.close.bind(database);
      database.close = async () => {
        await close();
        await empty(own.url);
        spare.push(own);
      };
      return database;
    },
  };
});

function databaseOf(path: string): Promise<TestDatabase> {
  const known = files.get(path) ?? testDatabase();
  files.set(path, known);
  return known;
}

const EMPTY = `DO $$ DECLARE name TEXT; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', name);
  END LOOP;
END $$`;

async function empty(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(EMPTY);
  } finally {
    await client.end();
  }
}
