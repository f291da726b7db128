import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/store/database.ts";
import { compareVersions } from "../../src/store/sqlite/open-connection.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { execute, selectAll, selectOne, type Verb } from "../../src/store/verb.ts";
import { WriteQueueFull } from "../../src/store/write-queue.ts";
import { temporaryDirectory } from "./_child-broker.ts";

let directory: ReturnType<typeof temporaryDirectory>;
let database: SqliteDatabase;
let failures: Error[];
const file = () => join(directory.path, "store.db");

beforeEach(async () => {
  directory = temporaryDirectory();
  failures = [];
  database = new SqliteDatabase({ path: file(), onFailure: (error) => failures.push(error) });
  await database.write(() => execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"));
});
afterEach(async () => {
  await database.close();
  directory[Symbol.dispose]();
});

const add = (text: string) => database.write(() => insert(text));
function* insert(text: string): Verb<number> {
  return yield* execute("INSERT INTO things (text) VALUES (?)", text);
}
const texts = async () =>
  (await database.read(() => selectAll<{ text: string }>("SELECT text FROM things ORDER BY id"))).map(
    (row) => row.text,
  );

describe("SqliteDatabase", () => {
  it("runs with WAL, synchronous=FULL, foreign keys and no sleep inside SQLite (S-117)", () => {
    const pragmas = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema"];
    expect(pragmas.map((name) => database.pragma(name))).toEqual(["wal", 2, 1, 0, 0]);
  });

  it("binds what it is given: text is never SQL (S-109)", async () => {
    const text = "'); DROP TABLE things; --";
    await add(text);
    expect(await texts()).toEqual([text]);
  });

  it("commits writes of one turn together: one fsync for a hundred of them", async () => {
    const watcher = new Sqlite(file());
    const version = () => watcher.pragma("data_version", { simple: true }) as number;
    const before = version();
    await Promise.all(Array.from({ length: 100 }, (_, index) => add(`${index}`)));
    // data_version rises by one for each commit of another connection that was noticed; all came as one.
    expect(version()).toBe(before + 1);
    expect(await texts()).toHaveLength(100);
    watcher.close();
  });

  it("answers a write only once another connection can read it (S-116)", async () => {
    const other = new Sqlite(file());
    await add("durable");
    expect(other.prepare("SELECT text FROM things").pluck().all()).toEqual(["durable"]);
    other.close();
  });

  it("a verb that throws in a group harms no other, and leaves nothing of its own", async () => {
    const results = await Promise.allSettled([
      add("one"),
      database.write(function* () {
        yield* insert("half of a broken one");
        throw new TypeError("no");
      }),
      add("two"),
      database.write(() => execute("INSERT INTO nothing VALUES (1)")),
      database.write(() => execute("INSERT INTO things (text) VALUES (NULL)")),
      add("three"),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect((results[1] as PromiseRejectedResult).reason).toBeInstanceOf(TypeError);
    expect(await texts()).toEqual(["one", "two", "three"]);
    expect(failures).toEqual([]);
  });

  it("writes of one group see each other, in order", async () => {
    const [, seen] = await Promise.all([add("first"), database.write(() => selectOne("SELECT text FROM things"))]);
    expect(seen).toEqual({ text: "first" });
  });

  describe("while another process writes", () => {
    let other: Sqlite.Database;
    beforeEach(() => {
      other = new Sqlite(file());
      other.exec("BEGIN IMMEDIATE");
    });
    afterEach(() => other.close());

    it("writes wait and reads go on, and so does everything else in the process (S-117)", async () => {
      const writes = [add("one"), add("two")];
      // SQLite's own busy handler would hold this up until the other process is done.
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
      expect(await texts()).toEqual([]);
      expect(database.waitingWrites).toBe(2);
      writes.push(add("three"));
      other.exec("INSERT INTO things (text) VALUES ('other'); COMMIT");
      await Promise.all(writes);
      expect(await texts()).toEqual(["other", "one", "two", "three"]);
    });

    it("a write that waited too long is refused without being a failure; a later one goes through (S-124)", async () => {
      const hasty = new SqliteDatabase({ path: file(), mostBusyMs: 1, onFailure: (error) => failures.push(error) });
      const refused = await Promise.allSettled(["one", "two"].map((text) => hasty.write(() => insert(text))));
      for (const result of refused) expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StoreUnavailable);
      other.exec("COMMIT");
      await hasty.write(() => insert("three"));
      await hasty.close();
      expect(await texts()).toEqual(["three"]);
      expect(failures).toEqual([]);
    });

    it("close() waits for writes that wait", async () => {
      const write = add("one");
      const closed = database.close();
      other.exec("COMMIT");
      await Promise.all([write, closed]);
      database = new SqliteDatabase({ path: file() });
      expect(await texts()).toEqual(["one"]);
    });
  });

  it("a full disk is final: 503 for every write from then on, and the process is told once (S-119)", async () => {
    await add("before");
    database.pragma(`max_page_count = ${database.pragma("page_count")}`);
    const large = "x".repeat(20_000);
    const first = await Promise.allSettled([add(large), add(large)]);
    for (const result of first) expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StoreUnavailable);
    await expect(add("small")).rejects.toBeInstanceOf(StoreUnavailable);
    // There would be room again, but what reached the disk is not known any more.
    database.pragma("max_page_count = 100000");
    await expect(add("small")).rejects.toBeInstanceOf(StoreUnavailable);
    expect(failures.map((error) => (error as Error & { code: string }).code)).toEqual(["SQLITE_FULL"]);
    expect(await texts()).toEqual(["before"]);
  });

  it("a damaged file is refused at the start", async () => {
    await add("x");
    await database.close();
    writeFileSync(file(), Buffer.alloc(8192, 7));
    expect(() => new SqliteDatabase({ path: file() })).toThrow();
  });

  it("refuses the write that finds the queue full, at once, and commits those before it (S-124)", async () => {
    using other = temporaryDirectory();
    const narrow = new SqliteDatabase({ path: join(other.path, "store.db"), mostWaiting: 2 });
    await narrow.write(() => execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"));
    const results = await Promise.allSettled(["one", "two", "three"].map((text) => narrow.write(() => insert(text))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect((results[2] as PromiseRejectedResult).reason).toBeInstanceOf(WriteQueueFull);
    expect(await narrow.write(() => insert("four"))).toBe(1);
    const stored = await narrow.read(() => selectAll<{ text: string }>("SELECT text FROM things ORDER BY id"));
    expect(stored.map(({ text }) => text)).toEqual(["one", "two", "four"]);
    await narrow.close();
  });

  it("closing finishes the writes that wait", async () => {
    const waiting = add("last");
    await database.close();
    await waiting;
    database = new SqliteDatabase({ path: file() });
    expect(await texts()).toEqual(["last"]);
  });
});

describe("compareVersions (S-118)", () => {
  it.each([
    ["3.51.3", "3.51.3", 0],
    ["3.51.2", "3.51.3", -1],
    ["3.52", "3.51.3", 1],
    ["3.7.0", "3.51.3", -1],
    ["4", "3.51.3", 1],
  ])("%s against %s", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
