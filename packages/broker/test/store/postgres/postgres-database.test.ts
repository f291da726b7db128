import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import { StoreUnavailable } from "../../../src/store/database.ts";
import type { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { execute, manyAtOnce, selectAll, selectOne, under, type Verb } from "../../../src/store/verb.ts";
import { WriteQueueFull } from "../../../src/store/write-queue.ts";
import { insert, openThings, textsOf } from "./_things.ts";

let place: TestDatabase;
let database: PostgresDatabase;
beforeEach(async () => {
  place = await testDatabase();
  database = await openThings({ url: place.url });
});
afterEach(async () => {
  await database.close();
  await place.drop();
});

const add = (text: string) => database.write(() => insert(text));

/** Another program on the same database. */
async function outside<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(place.url);
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

describe("PostgresDatabase: values", () => {
  it("binds what it is given: text is never SQL (S-109)", async () => {
    const text = "'); DROP TABLE things; -- ? $1";
    await add(text);
    expect(await textsOf(database)).toEqual([text]);
  });

  it("gives numbers for bigints, bytes for bytea, null for NULL", async () => {
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const now = Date.parse("2026-11-25T09:05:00+05:30");
    await database.write(() => execute("INSERT INTO things (text, bytes, count) VALUES (?, ?, ?)", null, bytes, now));
    const row = await database.read(() =>
      selectOne<{ text: null; bytes: Uint8Array; count: number }>("SELECT text, bytes, count FROM things"),
    );
    expect({ ...row, bytes: [...(row?.bytes ?? [])] }).toEqual({ text: null, bytes: [...bytes], count: now });
  });

  it("finds nothing by a text with NUL, and does not fail: a request may hold one", async () => {
    await add("a");
    const find = (text: string) => database.read(() => selectOne("SELECT id FROM things WHERE text = ?", text));
    expect(await find("a\0")).toBeUndefined();
    expect(await find("a\ud800")).toBeUndefined();
    expect(await find("a")).toEqual({ id: 1 });
  });

  it("reads a question mark in quotes as what it is", async () => {
    const read = () => selectOne("SELECT 'what?' AS word, CAST(? AS TEXT) AS given", "this");
    expect(await database.read(read)).toEqual({ word: "what?", given: "this" });
  });
});

describe("PostgresDatabase: reads", () => {
  it("of one turn get their own answers, also when they ask the same or many things at once", async () => {
    await Promise.all(["a", "b", "c"].map(add));
    const find = manyAtOnce("SELECT text, count FROM things WHERE text = ?", ["text"]);
    const wanted = ["a", "x", "b", "a", "c", "", "a"];
    const rows = await Promise.all(wanted.map((text) => database.read(() => selectOne<{ text: string }>(find, text))));
    expect(rows.map((row) => row?.text)).toEqual(["a", undefined, "b", "a", "c", undefined, "a"]);
  });

  it("that fail, fail alone", async () => {
    const results = await Promise.allSettled([
      database.read(() => selectOne("SELECT 1 AS one")),
      database.read(() => selectOne("SELECT * FROM nothing")),
      database.read(() => selectOne("SELECT 2 AS two")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("see what was written before they were asked, by anybody (S-29)", async () => {
    for (let n = 0; n < 20; n++) {
      await outside((client) => client.query("INSERT INTO things (text) VALUES ($1)", [`t${n}`]));
      expect(await textsOf(database)).toHaveLength(n + 1);
    }
  });
});

describe("PostgresDatabase: writes", () => {
  it("are answered once another connection can read them (S-116)", async () => {
    await outside(async (client) => {
      await add("durable");
      expect((await client.query("SELECT text FROM things")).rows).toEqual([{ text: "durable" }]);
    });
  });

  it("that change the schema or every row have all the time they need, and nobody else has (S-122)", async () => {
    const limits = () =>
      selectOne("SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock");
    expect(await database.writePatiently(limits)).toEqual({ statement: "0", lock: "0" });
    expect(await database.write(limits, { isPatient: true })).toEqual({ statement: "0", lock: "0" });
    expect(await database.write(limits)).toEqual({ statement: "5s", lock: "250ms" });
  });

  it("of one turn share a transaction", async () => {
    const transaction = () => selectOne<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
    const ids = await Promise.all(Array.from({ length: 50 }, () => database.write(transaction)));
    expect(new Set(ids.map((row) => row?.id)).size).toBeLessThanOrEqual(2);
  });

  it("that throw harm no other, and leave nothing of their own", async () => {
    const results = await Promise.allSettled([
      add("one"),
      database.write(function* () {
        yield* insert("half of a broken one");
        throw new TypeError("no");
      }),
      add("two"),
      database.write(() => execute("INSERT INTO nothing VALUES (1)")),
      database.write(() => execute("INSERT INTO things (count) VALUES (NULL)")),
      database.write(function* (): Verb<void> {
        yield* selectAll("SELECT * FROM things");
        throw new RangeError("an answer, not a failure");
      }),
      add("three"),
    ]);
    const said = results.map((result) => (result.status === "fulfilled" ? "ok" : result.reason.constructor.name));
    expect(said).toEqual(["ok", "TypeError", "ok", "DatabaseError", "DatabaseError", "RangeError", "ok"]);
    expect((await textsOf(database)).sort()).toEqual(["one", "three", "two"]);
  });

  it("that fail before they begin, or cannot be recorded, fail and keep nothing", async () => {
    const results = await Promise.allSettled([
      database.write(() => {
        throw new RangeError("never began");
      }),
      add("beside it"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    const link = { at: 1, event: "x", client_id: null, account_id: null, detail: "{}" };
    await database.write(() => execute("CREATE TABLE audit (seq BIGINT, hash BYTEA)"));
    const unlinkable = database.write(function* (): Verb<void> {
      yield* insert("not recorded");
      yield {
        link,
        hashAfter() {
          throw new TypeError("no key");
        },
      };
    });
    await expect(unlinkable).rejects.toThrow("no key");
    expect(await textsOf(database)).toEqual(["beside it"]);
  });

  it("that meet at a row nobody has yet run again and find it: the second one decides anew", async () => {
    const addOnce = function* (text: string): Verb<"made" | "found"> {
      if (yield* selectOne("SELECT id FROM things WHERE text = ?", text)) return "found";
      yield* insert(text);
      return "made";
    };
    await using other = await openOther();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? database : other.database).write(() => addOnce("same"))),
    );
    expect(results.filter((result) => result === "made")).toHaveLength(1);
    expect(await textsOf(database)).toEqual(["same"]);
  });

  it("under one name go one after the other, in one process and over two", async () => {
    await add("counter");
    const countUp = function* (): Verb<void> {
      const read = under("counter", "SELECT count FROM things WHERE text = 'counter'");
      const row = yield* selectOne<{ count: number }>(read);
      yield* execute("UPDATE things SET count = ? WHERE text = 'counter'", (row?.count ?? 0) + 1);
    };
    await using other = await openOther();
    await Promise.all(Array.from({ length: 120 }, (_, n) => (n % 2 === 0 ? database : other.database).write(countUp)));
    expect(await database.read(() => selectOne("SELECT count FROM things"))).toEqual({ count: 120 });
  });

  it("that wait for each other's names in one group still both go through", async () => {
    const take = function* (first: string, second: string): Verb<void> {
      yield* selectOne(under(first, "SELECT 1 AS one"));
      yield* selectOne(under(second, "SELECT 1 AS one"));
      yield* insert(`${first} ${second}`);
    };
    await Promise.all([database.write(() => take("a", "b")), database.write(() => take("b", "a"))]);
    expect((await textsOf(database)).sort()).toEqual(["a b", "b a"]);
  });

  it("that wait for each other's rows in two processes still all go through", async () => {
    await Promise.all(["a", "b", "c", "d"].map(add));
    const touch = function* (order: readonly string[]): Verb<void> {
      for (const text of order) yield* execute("UPDATE things SET count = count + 1 WHERE text = ?", text);
    };
    await using other = await openOther();
    const up = ["a", "b", "c", "d"];
    const down = up.toReversed();
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? database : other.database).write(() => touch(n % 4 < 2 ? up : down)),
      ),
    );
    const rows = await database.read(() => selectAll("SELECT count FROM things"));
    expect(rows).toEqual(up.map(() => ({ count: 40 })));
  });

  it("do not wait for long for rows that somebody sits on: 503, and nobody else notices (S-122)", async () => {
    await add("held");
    await outside(async (client) => {
      await client.query("BEGIN");
      await client.query("UPDATE things SET count = 1 WHERE text = 'held'");
      const stuck = database.write(() => execute("UPDATE things SET count = 2 WHERE text = 'held'"));
      const others = Array.from({ length: 5 }, (_, n) => add(`free ${n}`));
      await Promise.all(others);
      await expect(stuck).rejects.toBeInstanceOf(StoreUnavailable);
      await client.query("ROLLBACK");
    });
    await database.write(() => execute("UPDATE things SET count = 3 WHERE text = 'held'"));
  });

  it("that find the queue full are refused at once, and those before them committed (S-124)", async () => {
    const narrow = await openThings({ url: place.url, mostWaiting: 2 });
    const results = await Promise.allSettled(["one", "two", "three"].map((text) => narrow.write(() => insert(text))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect((results[2] as PromiseRejectedResult).reason).toBeInstanceOf(WriteQueueFull);
    await narrow.close();
    expect((await textsOf(database)).sort()).toEqual(["one", "two"]);
  });

  it("that wait when it is closed are committed first", async () => {
    const last = await openThings({ url: place.url });
    const writes = Array.from({ length: 300 }, (_, n) => last.write(() => insert(`t${n}`)));
    await last.close();
    await Promise.all(writes);
    expect(await textsOf(database)).toHaveLength(300);
    await expect(last.write(() => insert("late"))).rejects.toBeInstanceOf(StoreUnavailable);
  });
});

async function openOther() {
  const other = await openThings({ url: place.url });
  return { database: other, [Symbol.asyncDispose]: () => other.close() };
}
