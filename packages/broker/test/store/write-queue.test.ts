import { describe, expect, it } from "vitest";
import { MOST_WAITING_WRITES, WriteQueue, WriteQueueFull } from "../../src/store/write-queue.ts";

describe("the queue of writes (S-124)", () => {
  it("hands out everything that waits, oldest first, and is empty then", () => {
    const queue = new WriteQueue<number>();
    for (const write of [1, 2, 3]) queue.add(write);
    expect(queue.length).toBe(3);
    expect(queue.takeAll()).toEqual([1, 2, 3]);
    expect([queue.length, queue.takeAll()]).toEqual([0, []]);
  });

  it("hands out a group of them, and keeps the rest in order", () => {
    const queue = new WriteQueue<number>();
    for (const write of [1, 2, 3]) queue.add(write);
    expect(queue.take(2)).toEqual([1, 2]);
    expect(queue.take(2)).toEqual([3]);
    expect(queue.take(2)).toEqual([]);
  });

  it("refuses what does not fit, keeps what it has, and goes on when there is room", () => {
    const queue = new WriteQueue<number>(2);
    queue.add(1);
    queue.add(2);
    expect(() => queue.add(3)).toThrow(WriteQueueFull);
    expect(queue.takeAll()).toEqual([1, 2]);
    queue.add(4);
    expect(queue.takeAll()).toEqual([4]);
  });

  it("has an end also when nobody says where", () => {
    const queue = new WriteQueue<number>();
    for (let count = 0; count < MOST_WAITING_WRITES; count++) queue.add(count);
    expect(() => queue.add(-1)).toThrow(WriteQueueFull);
  });

  it("asks for a new try in a second", () => {
    expect(new WriteQueueFull()).toMatchObject({ queue: "writes", retryAfterSeconds: 1 });
  });
});
