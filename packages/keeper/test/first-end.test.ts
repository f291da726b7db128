import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { firstEnd, withFirstEnd } from "../src/first-end.ts";
import { demoAccount, failure, startKept } from "./_kept.ts";
import { startTestService } from "./service/_service.ts";

describe("firstEnd()", () => {
  it("ends with the first of its sources, for its reason, and leaves nothing on the others", () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const { signal } = firstEnd(one.signal, two.signal);
    expect(signal.aborted).toBe(false);
    two.abort(new RangeError("second"));
    one.abort(new TypeError("too late"));
    expect(signal.reason).toEqual(new RangeError("second"));
    expect(getEventListeners(one.signal, "abort")).toEqual([]);
  });

  it("has ended already when a source has", () => {
    const lasting = new AbortController();
    const { signal } = firstEnd(lasting.signal, AbortSignal.abort("over"), lasting.signal);
    expect([signal.aborted, signal.reason]).toEqual([true, "over"]);
    expect(getEventListeners(lasting.signal, "abort")).toEqual([]);
  });

  it("follows nobody after it was let go", () => {
    const lasting = new AbortController();
    const { signal, release } = firstEnd(lasting.signal);
    release();
    release();
    lasting.abort();
    expect(signal.aborted).toBe(false);
  });
});

describe("withFirstEnd()", () => {
  it.each([
    ["worked", () => Promise.resolve("done")],
    ["failed", () => Promise.reject(new Error("no"))],
  ])("lets go of its sources when the work %s", async (_how, work) => {
    const lasting = new AbortController();
    await withFirstEnd([lasting.signal], work).catch(() => {});
    expect(getEventListeners(lasting.signal, "abort")).toEqual([]);
  });
});

describe("a keeper that runs for months", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("keeps nothing of a question that is over", async () => {
    await using kept = await startKept();
    await using service = await startTestService(kept);
    const { keeper } = service;
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    const asking = new AbortController();
    const ask = async () => {
      await failure(keeper.token("upstox", { signal: asking.signal }));
      expect((await service.ask("/v1/tokens/upstox/default")).status).toBe(409);
    };
    await ask();
    // Node 20 keeps a trace of each of these on every source, until that source ends.
    const any = vi.spyOn(AbortSignal, "any");
    for (let time = 0; time < 5; time++) await ask();
    expect(any).not.toHaveBeenCalled();
    await keeper.login("upstox", { person: kept.person });
    await kept.person.done();
    any.mockClear();
    for (let time = 0; time < 5; time++) {
      expect((await service.ask("/v1/tokens/upstox/default")).status).toBe(200);
      await keeper.vault.write({ broker: "upstox", account: "other", kind: "pending" }, "{}");
    }
    expect(any).not.toHaveBeenCalled();
    expect(getEventListeners(asking.signal, "abort")).toEqual([]);
  });
});
