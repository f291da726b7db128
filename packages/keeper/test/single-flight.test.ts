import { describe, expect, it } from "vitest";
import { SingleFlight } from "../src/single-flight.ts";

function work() {
  let finish = (_value: string): void => {};
  let signal: AbortSignal | undefined;
  let starts = 0;
  const start = (given: AbortSignal): Promise<string> => {
    starts++;
    signal = given;
    return new Promise((resolve, reject) => {
      finish = resolve;
      given.addEventListener("abort", () => reject(given.reason));
    });
  };
  return { start, finish: (value: string) => finish(value), signal: () => signal, starts: () => starts };
}

describe("SingleFlight", () => {
  it("starts once for all who ask meanwhile, and anew for who asks later", async () => {
    const flight = new SingleFlight<string>();
    const { start, finish, starts } = work();
    const joined = [flight.join(start, undefined), flight.join(start, undefined)];
    expect(flight.isUnderWay).toBe(true);
    finish("token");
    expect(await Promise.all(joined)).toEqual(["token", "token"]);
    expect(flight.isUnderWay).toBe(false);
    const later = flight.join(start, undefined);
    finish("another");
    expect(await later).toBe("another");
    expect(starts()).toBe(2);
  });

  it("goes on while anybody waits, and ends with the last", async () => {
    const flight = new SingleFlight<string>();
    const { start, signal } = work();
    const [one, two] = [new AbortController(), new AbortController()];
    const joined = [one, two].map((each) => flight.join(start, each.signal));
    one.abort(new Error("one"));
    await expect(joined[0]).rejects.toThrow("one");
    expect(signal()?.aborted).toBe(false);
    two.abort(new Error("two"));
    await expect(joined[1]).rejects.toThrow("two");
    expect(signal()?.aborted).toBe(true);
    expect(flight.isUnderWay).toBe(false);
  });

  it("fails for all when the work fails", async () => {
    const flight = new SingleFlight<string>();
    const start = async (): Promise<string> => {
      throw new Error("no");
    };
    const results = await Promise.allSettled([flight.join(start, undefined), flight.join(start, undefined)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
