import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { testDatabase } from "../_postgres/test-database.ts";
import { buildKunji } from "../e2e/_kunji.ts";
import { type FaultStore, postgresStore, sqliteStore } from "./fault-store.ts";
import { faults } from "./faults.ts";

/** Those that hurt Postgres itself need one of their own. */
const HURT_POSTGRES = new Set(["postgres-restart"]);

async function openStore(name: string, engine: FaultStore["engine"]): Promise<FaultStore> {
  if (engine === "sqlite") return sqliteStore();
  if (HURT_POSTGRES.has(name)) return await postgresStore();
  const database = await testDatabase();
  return { engine, url: database.url, [Symbol.asyncDispose]: () => database.drop() };
}

const cases = Object.entries(faults).flatMap(([name, { stores }]) => stores.map((engine) => [name, engine] as const));

describe("faults under load: nothing acknowledged is lost, no code works twice (S-115, S-116, S-119, S-121)", () => {
  beforeAll(buildKunji, 180_000);

  it.each(cases)(
    "%s on %s",
    async (name, engine) => {
      await using store = await openStore(name, engine);
      const said: string[] = [];
      const fault = faults[name];
      if (!fault) throw new Error("no such fault");
      await fault.run({ rounds: 2, store, say: (text) => said.push(text) });
      expect(said.length).toBeGreaterThan(0);
    },
    180_000,
  );

  it("are all in docs/testing.md", () => {
    const text = readFileSync(new URL("../../docs/testing.md", import.meta.url), "utf8");
    const listed = [...text.matchAll(/^\| `([a-z0-9-]+)` \| (?:SQLite|Postgres)/gm)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(faults));
  });
});
