/**
 * Set-up file of the project `postgres`: where a test opens a SQLite database, in memory or in a file, it gets a
 * Postgres database of its own. Opening the same file again opens the same database.
 */
import { afterAll, vi } from "vitest";
import { type TestDatabase, testDatabase } from "./test-database.ts";

const files = new Map<string, Promise<TestDatabase>>();

afterAll(async () => {
  await Promise.all([...files.values()].map(async (file) => await (await file).drop()));
});

vi.mock("../../packages/broker/src/store/open-database.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../packages/broker/src/store/open-database.ts")>();
  return {
    ...original,
    async openDatabase(options: Parameters<typeof original.openDatabase>[0]) {
      const path = original.sqlitePath(options.url);
      if (path === undefined && options.url !== "sqlite::memory:") return await original.openDatabase(options);
      const { url, drop } = await (path === undefined ? testDatabase() : databaseOf(path));
      const database = await original.openDatabase({ ...options, url });
      if (path !== undefined) return database;
      const close = database.close.bind(database);
      database.close = async () => {
        await close();
        await drop();
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
