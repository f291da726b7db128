import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type TestPostgres } from "../_postgres/start-postgres.ts";

/** An empty database that outlives the brokers on it. */
export interface FaultStore extends AsyncDisposable {
  readonly engine: "sqlite" | "postgres";
  /** As `--database` has it. */
  readonly url: string;
  /** The Postgres itself, to stop and crash. */
  readonly postgres?: TestPostgres;
}

/** @param folder where the file is made; the temporary directory by default */
export function sqliteStore(folder: string = tmpdir()): FaultStore {
  const directory = mkdtempSync(join(folder, "kunji-fault-"));
  return {
    engine: "sqlite",
    url: `sqlite:${join(directory, "broker.db")}`,
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A Postgres of its own, since it is going to be hurt. */
export async function postgresStore(): Promise<FaultStore> {
  const postgres = await startPostgres();
  return { engine: "postgres", url: postgres.url, postgres, [Symbol.asyncDispose]: () => postgres.close() };
}
