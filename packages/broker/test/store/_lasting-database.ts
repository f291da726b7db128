import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { testDatabase } from "../../../../test/_postgres/test-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Given by the project that runs the tests on Postgres. */
    readonly storeEngine?: "postgres";
  }
}

export interface LastingDatabase extends AsyncDisposable {
  /** As `--database` has it. */
  readonly url: string;
}

/** An empty database that outlives the brokers on it, and that other processes can open: of the project's engine. */
export async function lastingDatabase(): Promise<LastingDatabase> {
  if (inject("storeEngine") === "postgres") return await testDatabase();
  const directory = mkdtempSync(join(tmpdir(), "kunji-test-"));
  return {
    url: `sqlite:${join(directory, "broker.db")}`,
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true, force: true }),
  };
}
