import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import type { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { selectOne } from "../../../src/store/verb.ts";
import { holdingWith, openOutsider } from "./_outsider.ts";
import { insert, openThings } from "./_things.ts";

let place: TestDatabase;
let database: PostgresDatabase;
beforeEach(async () => {
  place = await testDatabase();
  database = await openThings({ url: place.url });
  await database.write(() => insert("a"));
});
afterEach(async () => {
  await database.close();
  await place.drop();
});

/** Waits for a name, so that it stays on its connection until the test lets it go. */
const FIND = "SELECT *, pg_advisory_xact_lock_shared(77) AS gate FROM things";
const find = () => selectOne<{ text: string }>(FIND);

const WAITING = `SELECT COUNT(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** Has the statement prepared on four connections, then changes the table as another replica's migration does. */
async function makeStale(): Promise<void> {
  await using watcher = await openOutsider(place.url);
  const gate = await holdingWith(place.url, "SELECT pg_advisory_xact_lock(77)");
  const asked: Promise<unknown>[] = [];
  for (const waiting of [2, 4]) {
    asked.push(database.read(find), database.write(find));
    while ((await watcher.client.query<{ n: number }>(WAITING)).rows[0]?.n !== waiting);
  }
  await gate[Symbol.asyncDispose]();
  await Promise.allSettled(asked);
  await watcher.client.query("ALTER TABLE things ADD COLUMN more TEXT");
}

describe("after another replica's migration, statements that every connection has prepared (S-122)", () => {
  it("are read on a new one: nobody hears 503", async () => {
    await makeStale();
    expect(await database.read(find)).toMatchObject({ text: "a", more: null });
  });

  it("are run on a new one in a write as well", async () => {
    await makeStale();
    const found = await Promise.all([database.write(find), database.write(find)]);
    expect(found).toMatchObject([{ more: null }, { more: null }]);
  });
});
