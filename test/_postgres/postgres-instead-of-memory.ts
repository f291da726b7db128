/**
 * Set-up file of the project `postgres`: whatever a test keeps "in memory" it keeps in a Postgres database of its own,
 * which is gone when it is closed. Databases in files stay what they are.
 */
import { vi } from "vitest";
import { testDatabase } from "./test-database.ts";

vi.mock("../../packages/broker/src/store/open-database.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../packages/broker/src/store/open-database.ts")>();
  return {
    ...original,
    async openDatabase(options: Parameters<typeof original.openDatabase>[0]) {
      if (options.url !== "sqlite::memory:") return await original.openDatabase(options);
      const { url, drop } = await testDatabase();
      const database = await original.openDatabase({ ...options, url });
      const close = database.close.bind(database);
      database.close = async () => {
        await close();
        await drop();
      };
      return database;
    },
  };
});
