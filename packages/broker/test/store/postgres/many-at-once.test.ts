import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import { StoreUnavailable } from "../../../src/store/database.ts";
import type { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { prepared, preparedForMany, toParameter } from "../../../src/store/postgres/statement-text.ts";
import { execute, manyAtOnce, selectAll, selectOne } from "../../../src/store/verb.ts";
import { openThings } from "./_things.ts";

let place: TestDatabase;
let database: PostgresDatabase;
beforeAll(async () => {
  place = await testDatabase();
  database = await openThings({ url: place.url });
});
beforeEach(() => database.write(() => execute("DELETE FROM things")));
afterAll(async () => {
  await database.close();
  await place.drop();
});

const ADD = manyAtOnce("INSERT INTO things (text, bytes, count) VALUES (?, ?, ?)", ["text", "bytes", "number"]);
const SPEND = manyAtOnce("UPDATE things SET count = ? WHERE text = ? AND count < ?", ["number", "text", "number"]);
const FIND = manyAtOnce("SELECT text, bytes, count FROM things WHERE text = ? AND count >= ?", ["text", "number"]);

describe("statements that run for many at once", () => {
  it("insert what each of them was given, whatever is in it", async () => {
    const texts = ["plain", 'quotes " and \\ backslash', "{a,b}", "NULL", "", "ü ₹ 🔑", "line\nbreak"];
    await Promise.all(
      texts.map((text, n) => database.write(() => execute(ADD, text, n % 2 === 0 ? null : Buffer.from(text), n))),
    );
    const rows = await Promise.all(
      texts.map((text, n) =>
        database.write(() => selectOne<{ text: string; bytes: Buffer | null; count: number }>(FIND, text, n)),
      ),
    );
    expect(rows.map((row) => row?.text)).toEqual(texts);
    expect(rows.map((row) => row?.bytes?.toString())).toEqual(texts.map((text, n) => (n % 2 === 0 ? undefined : text)));
    expect(rows.map((row) => row?.count)).toEqual(texts.map((_, n) => n));
  });

  it("say to each whether it changed its row; of those that meet at one, to a single one", async () => {
    await Promise.all(["a", "b", "c"].map((text) => database.write(() => execute(ADD, text, null, 0))));
    const wanted = ["a", "b", "a", "nobody", "a", "c", "b"];
    const changed = await Promise.all(wanted.map((text) => database.write(() => execute(SPEND, 1, text, 1))));
    const wins = (text: string) => wanted.reduce((sum, each, n) => sum + (each === text ? (changed[n] ?? 0) : 0), 0);
    expect(["a", "b", "c", "nobody"].map(wins)).toEqual([1, 1, 1, 0]);
  });

  it("give each its rows, none to those without any", async () => {
    await Promise.all([1, 2, 3].map((count) => database.write(() => execute(ADD, `t${count}`, null, count))));
    const ALL = manyAtOnce("SELECT count FROM things WHERE count >= ? ORDER BY count DESC", ["number"]);
    const results = await Promise.all(
      [2, 4, 1].map((least) => database.write(() => selectAll<{ count: number }>(ALL, least))),
    );
    expect(results.map((rows) => rows.map(({ count }) => count))).toEqual([[3, 2], [], [3, 2, 1]]);
  });

  it("that fail for one fail for that one", async () => {
    await database.write(() => execute(ADD, "taken", null, 0));
    const results = await Promise.allSettled(
      ["new", "taken", "newer"].map((text) => database.write(() => execute(ADD, text, null, 0))),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});

describe("a verb that is not kept waiting for its insert", () => {
  const add = (text: string) => execute(ADD, text, null, 0);

  it("finds the row with its next statement", async () => {
    const found = await database.write(function* () {
      yield* add("mine");
      return yield* selectOne<{ text: string }>(FIND, "mine", 0);
    });
    expect(found?.text).toBe("mine");
  });

  it.each(["at once", "after its next statement"])(
    "leaves nothing when it fails %s, and harms no other",
    async (when) => {
      const failing = database.write(function* () {
        yield* add("gone");
        if (when !== "at once") yield* selectOne(FIND, "gone", 0);
        throw new Error("changed its mind");
      });
      const results = await Promise.allSettled([
        database.write(() => add("a")),
        failing,
        database.write(() => add("b")),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      await expect(failing).rejects.toThrow("changed its mind");
      const rows = await database.read(() => selectAll<{ text: string }>("SELECT text FROM things ORDER BY text"));
      expect(rows.map(({ text }) => text)).toEqual(["a", "b"]);
    },
  );

  it("is told of an insert that did not go through, also when it was its last statement but one", async () => {
    await database.write(() => add("taken"));
    const twice = database.write(function* () {
      yield* add("taken");
      return yield* execute(SPEND, 1, "taken", 1);
    });
    const other = database.write(() => add("other"));
    await expect(twice).rejects.toThrow(StoreUnavailable);
    await other;
    const taken = await database.read(() => selectOne<{ count: number }>(FIND, "taken", 0));
    expect(taken?.count).toBe(0);
  });
});

describe("the text of a statement", () => {
  it("gets a number for each placeholder outside quotes", () => {
    expect(prepared("SELECT '?' AS a, b FROM t WHERE c = ? AND d = ?").text).toBe(
      "SELECT '?' AS a, b FROM t WHERE c = $1 AND d = $2",
    );
  });

  it("keeps its name, and no two have the same", () => {
    const names = ["SELECT 1", "SELECT 2", "SELECT 1"].map((text) => prepared(text).name);
    expect(names[2]).toBe(names[0]);
    expect(names[1]).not.toBe(names[0]);
  });

  it("is the same in every process, in whatever order they come: what another one prepared is never mistaken", async () => {
    const texts = ["SELECT 3", "SELECT 4"];
    const here = texts.map((text) => prepared(text).name);
    vi.resetModules();
    const elsewhere = await import("../../../src/store/postgres/statement-text.ts");
    expect(elsewhere.prepared).not.toBe(prepared);
    const there = texts.toReversed().map((text) => elsewhere.prepared(text).name);
    expect(there.toReversed()).toEqual(here);
  });

  it("is refused for many when it cannot mean many, or its kinds are not its parameters", () => {
    expect(() => preparedForMany("DELETE FROM t WHERE a = ?", ["text"])).toThrow(TypeError);
    expect(() => preparedForMany("INSERT INTO t (a) VALUES (?) ON CONFLICT DO NOTHING", ["text"])).toThrow(TypeError);
    expect(() => preparedForMany("SELECT a FROM t WHERE b = ? AND c = ?", ["text"])).toThrow(TypeError);
  });

  it("holds NUL nowhere: Postgres has no such text", () => {
    expect(toParameter("a\0b")).toBe("a\ufffdb");
    expect(toParameter(null)).toBeNull();
  });
});
