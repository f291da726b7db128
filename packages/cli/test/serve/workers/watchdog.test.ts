import { describe, expect, it } from "vitest";
import { MOST_UNANSWERED, Watchdog } from "../../../src/serve/workers/watchdog.ts";

/** Asks so often, and lets some answer each time. */
function ask(dog: Watchdog, times: number, workers: readonly number[], answering: readonly number[]): number[] {
  let silent: number[] = [];
  for (let n = 0; n < times; n++) {
    silent = dog.silentAmong(workers);
    for (const worker of answering) dog.heard(worker);
  }
  return silent;
}

describe("the watchdog of workers", () => {
  it("names a worker that has left a dozen questions unanswered, and only that one", () => {
    const dog = new Watchdog();
    expect(ask(dog, MOST_UNANSWERED, [1, 2, 3], [1, 3])).toEqual([]);
    expect(dog.silentAmong([1, 2, 3])).toEqual([2]);
  });

  it("begins anew with every answer", () => {
    const dog = new Watchdog();
    ask(dog, MOST_UNANSWERED, [1], []);
    dog.heard(1);
    expect(ask(dog, MOST_UNANSWERED, [1], [])).toEqual([]);
    expect(dog.silentAmong([1])).toEqual([1]);
  });

  it("forgets who is not asked any more", () => {
    const dog = new Watchdog();
    ask(dog, MOST_UNANSWERED, [1], []);
    dog.silentAmong([]);
    expect(ask(dog, MOST_UNANSWERED, [1], [])).toEqual([]);
  });
});
