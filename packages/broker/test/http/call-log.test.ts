import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallLog } from "../../src/http/call-log.ts";

const START = 1_800_000 * 1_000;
const MONTH = 30 * 86_400_000;

describe("the log of a key's calls", () => {
  it("says what a plain list would say, whatever the clock does (property)", () => {
    const gaps = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: -300, max: 20_000 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(gaps, (list) => {
        const [limit, length] = [5, 2_000];
        const log = new CallLog(20);
        const times: number[] = [];
        let at = START;
        for (const gap of list) {
          at += gap;
          const oldest = times.at(-limit) ?? Number.NEGATIVE_INFINITY;
          const expected = oldest > at - length && oldest < at + length ? oldest + length - at : 0;
          expect(log.wait(at, limit, length)).toBe(expected);
          log.add(at);
          times.push(at);
        }
      }),
    );
  });

  it("takes four bytes a call and no more than it may remember (S-127)", () => {
    const log = new CallLog(2_000);
    expect(log.byteLength).toBeLessThanOrEqual(32);
    for (let call = 0; call < 10_000; call++) log.add(START + call);
    expect(log.byteLength).toBe(8_000);
    expect(log.wait(START + 10_000, 2_000, 1_800_000)).toBe(1_800_000 - 2_000);
  });

  it("forgets no call of somebody who has called for months without a pause", () => {
    const log = new CallLog(2);
    const hour = 3_600_000;
    log.add(START);
    for (let at = START + hour; at < START + 3 * MONTH; at += hour) {
      log.add(at);
      expect(log.wait(at, 2, 2 * hour), new Date(at).toISOString()).toBe(hour);
    }
  });

  it("starts anew when the clock jumps by months, in either direction (S-113)", () => {
    for (const jump of [2 * MONTH, -2 * MONTH]) {
      const log = new CallLog(3);
      for (const at of [START, START + 1, START + 2]) log.add(at);
      const later = START + jump;
      expect(log.wait(later, 3, 60_000)).toBe(0);
      log.add(later);
      expect(log.wait(later, 1, 60_000)).toBe(60_000);
      expect(log.wait(later, 3, 60_000)).toBe(0);
    }
  });
});
