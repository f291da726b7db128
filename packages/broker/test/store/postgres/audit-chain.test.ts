import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import { HmacKey } from "../../../src/crypto/hmac-key.ts";
import { appendAudit, verifyAudit } from "../../../src/store/audit.ts";
import { migrate, postgresTypes } from "../../../src/store/migrate.ts";
import { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { execute, selectAll, selectOne, type Verb } from "../../../src/store/verb.ts";
import { MORNING } from "../../upstox/_api.ts";

const key = new HmacKey(randomBytes(32));
let place: TestDatabase;
let databases: PostgresDatabase[];
beforeEach(async () => {
  place = await testDatabase();
  databases = [new PostgresDatabase({ url: place.url }), new PostgresDatabase({ url: place.url })];
  await first().writePatiently(() => migrate(postgresTypes, MORNING));
});
afterEach(async () => {
  for (const database of databases) await database.close();
  await place.drop();
});

const first = () => databases[0] as PostgresDatabase;

function* append(text: string): Verb<void> {
  yield* appendAudit(key, { at: MORNING, event: "token.issued", detail: { token: text } });
}

async function tokens(): Promise<string[]> {
  const rows = await first().read(() => selectAll<{ detail: string }>("SELECT detail FROM audit ORDER BY seq"));
  return rows.map(({ detail }) => (JSON.parse(detail) as { token: string }).token);
}

describe("the audit chain of several processes (S-98, S-99)", () => {
  it("is whole, whoever wrote at the same time, and has each row of what was committed", async () => {
    const writes = Array.from({ length: 400 }, (_, n) =>
      (databases[n % 2] as PostgresDatabase).write(function* () {
        yield* append(`${n} one`);
        yield* selectOne("SELECT 1 AS one");
        yield* append(`${n} two`);
      }),
    );
    await Promise.all(writes);
    expect(await first().read(() => verifyAudit(key))).toEqual({ outcome: "whole", rows: 800 });
    const written = await tokens();
    expect([...written].sort()).toEqual(
      Array.from({ length: 400 }, (_, n) => [`${n} one`, `${n} two`])
        .flat()
        .sort(),
    );
    // What one verb appends stays in its order.
    for (let n = 0; n < 400; n++) expect(written.indexOf(`${n} one`)).toBeLessThan(written.indexOf(`${n} two`));
  });

  it("has no row of a verb that failed, and all those of its neighbours", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) =>
        (databases[n % 2] as PostgresDatabase).write(function* () {
          yield* append(`${n}`);
          yield* execute("DELETE FROM throttles");
          if (n % 3 === 0) throw new TypeError("no");
          if (n % 3 === 1) yield* execute("INSERT INTO nothing VALUES (1)");
        }),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 60 }, (_, n) => (n % 3 === 2 ? "fulfilled" : "rejected")),
    );
    expect((await tokens()).sort()).toEqual(
      Array.from({ length: 60 }, (_, n) => `${n}`)
        .filter((_, n) => n % 3 === 2)
        .sort(),
    );
    expect(await first().read(() => verifyAudit(key))).toEqual({ outcome: "whole", rows: 20 });
  });

  it("is waited for as long as a statement may take, and there is no other limit (S-122)", async () => {
    await first().write(function* () {
      yield* execute("CREATE TABLE limits (text TEXT)");
      yield* execute(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO limits VALUES (current_setting('lock_timeout') || ' ' || current_setting('statement_timeout'));
        RETURN NEW; END $$`);
      yield* execute("CREATE TRIGGER note BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION note()");
    });
    await first().write(() => append("usual"));
    await first().writePatiently(() => append("patient"));
    expect(await first().read(() => selectAll("SELECT text FROM limits"))).toEqual([{ text: "0 5s" }, { text: "0 0" }]);
  });

  it.each([
    ["an edit", "UPDATE audit SET detail = '{}' WHERE seq = 3", [{ kind: "edited", seq: 3 }]],
    [
      "a hash set to zeros",
      "UPDATE audit SET hash = decode(repeat('00', 32), 'hex') WHERE seq = 3",
      [{ kind: "edited", seq: 3 }],
    ],
    ["a row that is gone", "DELETE FROM audit WHERE seq = 3", [{ kind: "missing", after: 2, before: 4 }]],
  ])("shows %s", async (_, tampering, problems) => {
    for (let n = 0; n < 5; n++) await first().write(() => append(`${n}`));
    await first().write(() => execute(tampering));
    expect(await first().read(() => verifyAudit(key))).toMatchObject({ outcome: "broken", problems });
  });
});

describe("migrations on Postgres", () => {
  it("run once when many replicas start at once, and are found done by the next", async () => {
    await using empty = await testDatabase();
    const replicas = Array.from({ length: 5 }, () => new PostgresDatabase({ url: empty.url }));
    const ran = await Promise.all(
      replicas.map((replica) => replica.writePatiently(() => migrate(postgresTypes, MORNING))),
    );
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
    const [replica] = replicas;
    expect(await replica?.writePatiently(() => migrate(postgresTypes, MORNING))).toEqual([]);
    for (const each of replicas) await each.close();
  });

  it("make columns that sort by their bytes, whatever the database sorts by: row keys are times", async () => {
    const rows = await first().read(() =>
      selectAll<{ name: string }>(
        `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT IN ('migrations', 'facts')
           AND collation_name IS DISTINCT FROM 'C'`,
      ),
    );
    expect(rows).toEqual([]);
  });
});
