import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import type { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import { execute, manyAtOnce, selectAll, selectOne } from "../../../src/store/verb.ts";
import { openThings } from "./_things.ts";

let place: TestDatabase;
let database: PostgresDatabase;
beforeEach(async () => {
  place = await testDatabase();
  database = await openThings({ url: place.url });
  await database.write(function* () {
    yield* execute("CREATE TABLE log (seq BIGINT GENERATED ALWAYS AS IDENTITY, text TEXT)");
    yield* execute(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO log (text) VALUES (NEW.text); RETURN NEW; END $$`);
    yield* execute("CREATE TRIGGER note BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION note()");
  });
});
afterEach(async () => {
  await database.close();
  await place.drop();
});

const ADD = "INSERT INTO things (count, text) VALUES (?, ?)";
const CHANGE = "UPDATE things SET count = ? WHERE text = ? AND count <> 7";
const FIND = "SELECT count FROM things WHERE text = ?";

describe("statements of one round", () => {
  it.each([
    ["by themselves", ADD, CHANGE, FIND],
    [
      "as one statement",
      manyAtOnce(ADD, ["number", "text"]),
      manyAtOnce(CHANGE, ["number", "text"]),
      manyAtOnce(FIND, ["text"]),
    ],
  ])(
    "come to their rows in one order, whatever order they were asked in, %s; each gets its own answer",
    async (...of) => {
      const [, add, change, find] = of;
      const texts = ["c", "a", "d", "b"];
      await Promise.all(texts.map((text, count) => database.write(() => execute(add, count, text))));
      await Promise.all(
        texts.map((text) =>
          database.write(function* () {
            yield* selectOne(find, text);
            yield* execute(change, text === "d" ? 7 : 1, text);
          }),
        ),
      );
      const changed = await Promise.all(texts.map((text) => database.write(() => execute(change, 2, text))));
      expect(changed).toEqual([1, 1, 0, 1]);
      const log = await database.read(() => selectAll<{ text: string }>("SELECT text FROM log ORDER BY seq"));
      expect(log.map(({ text }) => text).join("")).toBe("abcdabcdabc");
      const found = await Promise.all(
        texts.map((text) => database.write(() => selectOne<{ count: number }>(find, text))),
      );
      expect(found.map((row) => row?.count)).toEqual([2, 2, 7, 2]);
    },
  );
});
