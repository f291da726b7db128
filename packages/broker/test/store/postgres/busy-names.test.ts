import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import { lockNumber } from "../../../src/store/postgres/group-locks.ts";
import type { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { execute, selectOne, under, type Verb } from "../../../src/store/verb.ts";
import { holdingWith } from "./_outsider.ts";
import { insert, openThings, textsOf } from "./_things.ts";

let place: TestDatabase;
let database: PostgresDatabase;
let commits: number[];
beforeEach(async () => {
  place = await testDatabase();
  commits = [];
  database = await openThings({ url: place.url, listener: { committed: ({ writes }) => commits.push(writes) } });
  await database.write(() => insert("counter"));
  commits = [];
});
afterEach(async () => {
  await database.close();
  await place.drop();
});

/** Another process whose transaction has the name. */
const hold = (name: string) => holdingWith(place.url, "SELECT pg_advisory_xact_lock($1)", [lockNumber(name)]);

/** Says which transaction it was in. */
function* innocent(n: number): Verb<string | undefined> {
  yield* insert(`innocent ${n}`);
  return (yield* selectOne<{ id: string }>("SELECT pg_current_xact_id()::text AS id"))?.id;
}

const countUp = under("busy", "UPDATE things SET count = count + 1 WHERE text = 'counter'");
const counted = () => database.read(() => selectOne("SELECT count FROM things WHERE text = 'counter'"));

describe("a name that another transaction has (S-122)", () => {
  it.each([
    [
      "a change",
      function* (): Verb<void> {
        yield* execute(countUp);
      },
    ],
    [
      "a query",
      function* (): Verb<void> {
        yield* selectOne(under("busy", "SELECT count FROM things WHERE text = 'counter'"));
        yield* execute("UPDATE things SET count = count + 1 WHERE text = 'counter'");
      },
    ],
  ])("keeps those waiting that ask for it, with %s; their neighbours stay together", async (_, ask) => {
    const holder = await hold("busy");
    const asking = Array.from({ length: 3 }, () => database.write(ask));
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => database.write(() => innocent(n))));
    expect(new Set(ids).size).toBe(1);
    expect(commits).toEqual([30]);
    expect(await counted()).toEqual({ count: 0 });
    await holder[Symbol.asyncDispose]();
    await Promise.all(asking);
    expect(await counted()).toEqual({ count: 3 });
    expect(commits).toEqual([30, 1, 1, 1]);
  });

  it("takes with it what was written before it was asked for; the others begin anew, together", async () => {
    const holder = await hold("busy");
    const asking = database.write(function* () {
      yield* insert("mine");
      yield* execute(countUp);
    });
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => database.write(() => innocent(n))));
    expect(new Set(ids).size).toBe(1);
    expect(await textsOf(database)).not.toContain("mine");
    await holder[Symbol.asyncDispose]();
    await asking;
    expect((await textsOf(database)).filter((text) => text === "mine")).toHaveLength(1);
    expect(await counted()).toEqual({ count: 1 });
  });

  it("shows what its former holder has committed", async () => {
    const holder = await hold("busy");
    await holder.client.query("UPDATE things SET count = 41 WHERE text = 'counter'");
    const read = under("busy", "SELECT count FROM things WHERE text = 'counter'");
    const seen = database.write(() => selectOne(read));
    await database.write(() => insert("free"));
    await holder.client.query("COMMIT");
    expect(await seen).toEqual({ count: 41 });
    await holder[Symbol.asyncDispose]();
  });

  it("is a neighbour's when very many of one process ask for it: all go through, in as few transactions as without it", async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => database.write(() => execute(countUp))));
    expect(await counted()).toEqual({ count: 1_000 });
    expect(commits.reduce((sum, writes) => sum + writes, 0)).toBe(1_000);
    expect(commits.length).toBeLessThan(30);
  });

  it("is one that verbs of a group hold one after the other, when nobody else has it", async () => {
    await Promise.all(Array.from({ length: 20 }, () => database.write(() => execute(countUp))));
    expect(await counted()).toEqual({ count: 20 });
    expect(commits).toEqual([20]);
  });
});
