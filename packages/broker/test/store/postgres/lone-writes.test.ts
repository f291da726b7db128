import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../../test/_postgres/test-database.ts";
import { StoreUnavailable } from "../../../src/store/database.ts";
import { LoneWrites } from "../../../src/store/postgres/lone-writes.ts";
import type { PostgresDatabase } from "../../../src/store/postgres/postgres-database.ts";
import type { WaitingWrite } from "../../../src/store/postgres/waiting-write.ts";
import { execute } from "../../../src/store/verb.ts";
import { WriteQueueFull } from "../../../src/store/write-queue.ts";
import { holdingWith } from "./_outsider.ts";
import { insert, openThings } from "./_things.ts";

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("writes that wait for a row somebody sits on (S-122, S-124)", () => {
  let place: TestDatabase;
  let database: PostgresDatabase;
  beforeEach(async () => {
    place = await testDatabase();
    database = await openThings({ url: place.url, mostWaiting: 20 });
    await database.write(() => insert("held"));
  });
  afterEach(async () => {
    await database.close();
    await place.drop();
  });

  const hold = () => holdingWith(place.url, "UPDATE things SET count = 1 WHERE text = 'held'");
  const touch = () => database.write(() => execute("UPDATE things SET count = count + 1 WHERE text = 'held'"));

  it("keep nobody else waiting, however many they are", async () => {
    await using _holder = await hold();
    let answered = 0;
    const stuck: Promise<unknown>[] = [];
    // Two turns, so that both transactions under way at a time are theirs.
    for (let turn = 0; turn < 2; turn++) {
      for (let n = 0; n < 6; n++) stuck.push(touch().catch(() => answered++));
      await nextTurn();
      await nextTurn();
    }
    await database.write(() => insert("free"));
    expect(answered).toBeLessThan(6);
    await Promise.all(stuck);
    expect(answered).toBe(12);
  });

  it("count among those that wait, and fill the queue like any other", async () => {
    const holder = await hold();
    const stuck = Array.from({ length: 20 }, touch);
    // Two are at it, on connections of their own.
    while (database.waitingWrites !== 18) await nextTurn();
    const others = [1, 2].map((n) => database.write(() => insert(`other ${n}`)));
    await expect(database.write(() => insert("too many"))).rejects.toBeInstanceOf(WriteQueueFull);
    await holder[Symbol.asyncDispose]();
    await Promise.all([...stuck, ...others]);
    expect(database.waitingWrites).toBe(0);
  });

  it("are answered before the database is closed", async () => {
    const holder = await hold();
    const stuck = Array.from({ length: 6 }, touch);
    while (database.waitingWrites !== 4) await nextTurn();
    const closed = database.close();
    await holder[Symbol.asyncDispose]();
    await Promise.all(stuck);
    await closed;
  });
});

describe("LoneWrites", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Writes by number; those that are run never end. */
  function stuckWrites() {
    const begun: WaitingWrite[] = [];
    const refused = new Map<number, unknown>();
    const writes = new LoneWrites((write) => {
      begun.push(write);
      return new Promise(() => {});
    });
    const add = (number: number) =>
      writes.add({
        verb: () => insert(`${number}`),
        resolve() {},
        reject: (error) => refused.set(number, error),
      });
    return { writes, begun, refused, add };
  }

  it("gives up those whose turn has not come for five seconds, and none of those that are at it", () => {
    vi.useFakeTimers();
    const { writes, begun, refused, add } = stuckWrites();
    for (const number of [1, 2, 3]) add(number);
    vi.advanceTimersByTime(3_000);
    add(4);
    vi.advanceTimersByTime(1_999);
    expect(refused.size).toBe(0);
    vi.advanceTimersByTime(1);
    expect([...refused.keys()]).toEqual([3]);
    expect(refused.get(3)).toBeInstanceOf(StoreUnavailable);
    vi.advanceTimersByTime(3_000);
    expect([...refused.keys()]).toEqual([3, 4]);
    expect(begun).toHaveLength(2);
    expect(writes.length).toBe(0);
  });

  it("refuses at once what finds several hundred before it", () => {
    const { writes, refused, add } = stuckWrites();
    for (let number = 0; number < 503; number++) add(number);
    expect([...refused.keys()]).toEqual([502]);
    expect(writes.length).toBe(500);
  });
});
