import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRateLimiter } from "../../src/http/rate-limit.ts";

const documented = [
  { limit: 50, seconds: 1 },
  { limit: 500, seconds: 60 },
  { limit: 2000, seconds: 1800 },
];

function limiterAt(start: number, windows = documented, maximumKeys?: number) {
  const clock = { now: start };
  const limiter = createRateLimiter({ windows, now: () => clock.now, ...(maximumKeys ? { maximumKeys } : {}) });
  const passed = (key: string, calls: number) =>
    Array.from({ length: calls }, () => limiter.take(key)).filter((wait) => wait === 0).length;
  return { clock, limiter, passed };
}

const start = 1_800_000 * 1_000;

describe("the rate limiter", () => {
  it("passes exactly the quota of each window and says how long to wait", () => {
    const { clock, limiter, passed } = limiterAt(start);
    expect(passed("a", 60)).toBe(50);
    expect(limiter.take("a")).toBe(1);
    for (let second = 1; second < 10; second++) {
      clock.now = start + second * 1000;
      expect(passed("a", 60)).toBe(50);
    }
    clock.now = start + 10_000;
    expect(limiter.take("a")).toBe(50); // 500 in this minute
    clock.now = start + 59_001;
    expect(limiter.take("a")).toBe(1);
    for (let minute = 1; minute < 4; minute++) {
      for (let second = 0; second < 10; second++) {
        clock.now = start + minute * 60_000 + second * 1000;
        expect(passed("a", 50)).toBe(50);
      }
    }
    clock.now = start + 240_000;
    expect(limiter.take("a")).toBe(1800 - 240); // 2000 in this half hour
    clock.now = start + 1_800_000;
    expect(limiter.take("a")).toBe(0);
  });

  it("counts a refused call in no window", () => {
    const { clock, passed } = limiterAt(start, [
      { limit: 1, seconds: 1 },
      { limit: 3, seconds: 60 },
    ]);
    expect(passed("a", 100)).toBe(1);
    clock.now += 1000;
    expect(passed("a", 100)).toBe(1);
    clock.now += 1000;
    expect(passed("a", 100)).toBe(1);
    clock.now += 1000;
    expect(passed("a", 100)).toBe(0);
  });

  it("keeps keys apart, whatever their names", () => {
    const { passed } = limiterAt(start, [{ limit: 1, seconds: 60 }]);
    for (const key of ["a", "b", "__proto__", "constructor", ""]) {
      expect(passed(key, 3)).toBe(1);
    }
  });

  it("does not hand out a fresh quota when the clock is set back a little, nor blocks when it is set back a lot (S-113)", () => {
    const { clock, passed } = limiterAt(start, [{ limit: 2, seconds: 60 }]);
    expect(passed("a", 3)).toBe(2);
    clock.now = start - 1;
    expect(passed("a", 3)).toBe(0);
    clock.now = start - 86_400_000;
    expect(passed("a", 3)).toBe(2);
  });

  it("remembers a busy key and forgets idle ones within its cap (S-127)", () => {
    const { limiter, passed } = limiterAt(start, [{ limit: 5, seconds: 60 }], 1000);
    expect(passed("busy", 5)).toBe(5);
    let extra = 0;
    for (let i = 0; i < 20_000; i++) {
      limiter.take(`key${i}`);
      if (i % 100 === 0) extra += passed("busy", 1);
      expect(limiter.size).toBeLessThanOrEqual(1000);
    }
    expect(extra).toBe(0);
  });

  it("holds a hundred thousand of a million keys, unless told otherwise (S-127)", () => {
    const { limiter } = limiterAt(start, [{ limit: 5, seconds: 60 }]);
    for (let i = 0; i < 1_000_000; i++) limiter.take(`key${i}`);
    expect(limiter.size).toBeLessThanOrEqual(100_000);
    expect(limiter.size).toBeGreaterThan(0);
  });

  it("forgets keys that nobody used for two of the longest windows", () => {
    const { clock, limiter } = limiterAt(start, [{ limit: 5, seconds: 60 }]);
    for (let i = 0; i < 100; i++) limiter.take(`key${i}`);
    for (let minute = 1; minute <= 2; minute++) {
      clock.now = start + minute * 60_000;
      limiter.take("a");
    }
    expect(limiter.size).toBe(1);
  });

  it("lets no more than the quota pass in any span of a window's length, and no less (property)", () => {
    const windows = [
      { limit: 3, seconds: 1 },
      { limit: 7, seconds: 5 },
    ];
    const steps = fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 0, max: 700 })), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 10_000 }), (calls, offset) => {
        const { clock, limiter } = limiterAt(start + offset, windows);
        const passed: { key: string; at: number }[] = [];
        for (const [key, wait] of calls) {
          clock.now += wait;
          const usedIn = (seconds: number) =>
            passed.filter((call) => call.key === key && call.at > clock.now - seconds * 1000).length;
          const hasRoom = windows.every(({ limit, seconds }) => usedIn(seconds) < limit);
          expect(limiter.take(key) === 0).toBe(hasRoom);
          if (hasRoom) passed.push({ key, at: clock.now });
        }
      }),
    );
  });

  it("does not care where the clock's seconds begin", () => {
    const { clock, passed } = limiterAt(start + 900);
    expect(passed("a", 1)).toBe(1);
    clock.now = start + 960;
    expect(passed("a", 20)).toBe(20);
    clock.now = start + 1040;
    expect(passed("a", 40)).toBe(29);
    clock.now = start + 1900;
    expect(passed("a", 40)).toBe(1);
  });

  it("slides also where a quota is too large to remember every call of", () => {
    const { clock, limiter, passed } = limiterAt(start + 900, [{ limit: 5_000, seconds: 1 }]);
    expect(passed("a", 6_000)).toBe(5_000);
    expect(limiter.take("a")).toBe(1);
    clock.now = start + 1000;
    expect(passed("a", 6_000)).toBe(0);
    clock.now = start + 1900;
    expect(passed("a", 6_000)).toBe(5_000);
  });

  it("says a wait after which a call does pass (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000 }), (offset) => {
        const { clock, limiter } = limiterAt(start + offset, [{ limit: 1, seconds: 7 }]);
        limiter.take("a");
        const wait = limiter.take("a");
        expect(wait >= 1 && wait <= 7).toBe(true);
        clock.now += wait * 1000;
        expect(limiter.take("a")).toBe(0);
      }),
    );
  });

  it.each([[[]], [[{ limit: 0, seconds: 1 }]], [[{ limit: 1.5, seconds: 1 }]], [[{ limit: 1, seconds: 0 }]]])(
    "refuses the windows %j",
    (windows) => {
      expect(() => createRateLimiter({ windows, now: () => 0 })).toThrow(TypeError);
    },
  );
});
