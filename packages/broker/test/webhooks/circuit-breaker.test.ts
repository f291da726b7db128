import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SettableClock } from "../../src/clock.ts";
import { type AttemptEnd, CircuitBreaker, type CircuitBreakerOptions } from "../../src/webhooks/circuit-breaker.ts";

const START = 1_795_577_700_000;

function setUp(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new SettableClock();
  clock.freeze(START);
  const breaker = new CircuitBreaker({ clock, ...options });
  const attempt = (host: string, end: AttemptEnd) => {
    const entry = breaker.enter(host);
    if (entry.outcome === "go") breaker.leave(host, end);
    return entry.outcome;
  };
  const failTimes = (host: string, times: number) => {
    for (let i = 0; i < times; i++) expect(attempt(host, "unanswered")).toBe("go");
  };
  return { clock, breaker, attempt, failTimes };
}

describe("deliveries per host (S-70)", () => {
  it("lets two start, and the next when one has ended", () => {
    const { breaker } = setUp();
    expect(breaker.enter("a").outcome).toBe("go");
    expect(breaker.enter("a").outcome).toBe("go");
    expect(breaker.enter("a").outcome).toBe("busy");
    breaker.leave("a", "answered");
    expect(breaker.enter("a").outcome).toBe("go");
    expect(breaker.enter("a").outcome).toBe("busy");
  });

  it("lets one black hole delay none of 100 good hosts", () => {
    const { breaker, attempt } = setUp();
    for (let i = 0; i < 10; i++) breaker.enter("black-hole");
    for (let i = 0; i < 100; i++) expect(attempt(`good-${i}`, "answered")).toBe("go");
  });

  it("frees the place of an attempt that was given up, without blaming the host", () => {
    const { breaker, attempt } = setUp();
    for (let i = 0; i < 20; i++) expect(attempt("a", "abandoned")).toBe("go");
    expect(breaker.size).toBe(0);
  });

  it("ignores an end that has no beginning", () => {
    const { breaker, attempt } = setUp();
    breaker.leave("a", "unanswered");
    attempt("b", "unanswered");
    breaker.leave("b", "unanswered");
    for (let i = 0; i < 4; i++) expect(attempt("b", "unanswered")).toBe("go");
    expect(breaker.enter("b").outcome).toBe("open");
  });
});

describe("circuit breaker (S-70)", () => {
  it("opens after five unanswered attempts in a row, and says until when", () => {
    const { breaker, failTimes } = setUp();
    failTimes("a", 5);
    expect(breaker.enter("a")).toEqual({ outcome: "open", retryAt: START + 30_000 });
    expect(breaker.enter("b").outcome).toBe("go");
  });

  it("stays closed when an answer comes in between", () => {
    const { attempt, failTimes } = setUp();
    failTimes("a", 4);
    expect(attempt("a", "answered")).toBe("go");
    failTimes("a", 4);
    expect(attempt("a", "answered")).toBe("go");
  });

  it("lets one trial through after the pause", () => {
    const { clock, breaker, failTimes } = setUp();
    failTimes("a", 5);
    clock.advance(29.999);
    expect(breaker.enter("a").outcome).toBe("open");
    clock.advance(0.001);
    expect(breaker.enter("a").outcome).toBe("go");
    expect(breaker.enter("a").outcome).toBe("busy");
  });

  it("closes when the trial is answered", () => {
    const { clock, breaker, attempt, failTimes } = setUp();
    failTimes("a", 5);
    clock.advance(30);
    expect(attempt("a", "answered")).toBe("go");
    expect(breaker.size).toBe(0);
    failTimes("a", 4);
    expect(breaker.enter("a").outcome).toBe("go");
  });

  it("doubles the pause each time a trial fails, up to ten minutes", () => {
    const { clock, breaker, attempt, failTimes } = setUp();
    failTimes("a", 5);
    for (const pause of [30, 60, 120, 240, 480, 600, 600]) {
      expect(breaker.enter("a")).toEqual({ outcome: "open", retryAt: clock.now() + pause * 1000 });
      clock.advance(pause);
      expect(attempt("a", "unanswered")).toBe("go");
    }
  });

  it("tries again at once when the trial was given up", () => {
    const { clock, breaker, attempt, failTimes } = setUp();
    failTimes("a", 5);
    clock.advance(30);
    expect(attempt("a", "abandoned")).toBe("go");
    expect(breaker.enter("a").outcome).toBe("go");
  });

  it("does not lengthen the pause for attempts that began before it", () => {
    const { breaker, failTimes } = setUp();
    failTimes("a", 4);
    breaker.enter("a");
    breaker.enter("a");
    breaker.leave("a", "unanswered");
    breaker.leave("a", "unanswered");
    expect(breaker.enter("a")).toEqual({ outcome: "open", retryAt: START + 30_000 });
  });

  it("forgets a host that was not tried for an hour", () => {
    const { clock, breaker, failTimes } = setUp();
    failTimes("a", 4);
    clock.advance(3_600);
    failTimes("a", 4);
    expect(breaker.enter("a").outcome).toBe("go");
  });
});

describe("memory of the circuit breaker (S-127)", () => {
  it("keeps nothing about hosts that answer", () => {
    const { breaker, attempt } = setUp();
    for (let i = 0; i < 1_000; i++) attempt(`host-${i}`, "answered");
    expect(breaker.size).toBe(0);
  });

  it("keeps at most its cap, and drops the longest unused host first", () => {
    const { breaker, attempt, failTimes } = setUp({ maxHosts: 3, failuresToOpen: 1 });
    for (const host of ["a", "b", "c"]) failTimes(host, 1);
    attempt("d", "unanswered");
    expect(breaker.size).toBe(3);
    expect(breaker.enter("b").outcome).toBe("open");
    expect(breaker.enter("a").outcome).toBe("go");
  });

  it("never drops a host with a delivery under way, and refuses when there are only such", () => {
    const { breaker } = setUp({ maxHosts: 2 });
    breaker.enter("a");
    breaker.enter("b");
    expect(breaker.enter("c").outcome).toBe("busy");
    expect(breaker.enter("a").outcome).toBe("go");
    expect(breaker.enter("a").outcome).toBe("busy");
    breaker.leave("b", "unanswered");
    expect(breaker.enter("c").outcome).toBe("go");
    expect(breaker.size).toBe(2);
  });

  it("drops expired hosts when a new one comes", () => {
    const { clock, breaker, attempt, failTimes } = setUp();
    for (const host of ["a", "b", "c"]) failTimes(host, 1);
    clock.advance(3_600);
    attempt("d", "unanswered");
    expect(breaker.size).toBe(1);
  });

  it("holds limit and cap under any sequence of calls", () => {
    const step = fc.record({
      host: fc.constantFrom("a", "b", "c", "d", "e"),
      act: fc.constantFrom<"enter" | AttemptEnd>("enter", "answered", "unanswered", "abandoned"),
      pause: fc.constantFrom(0, 1, 31, 700, 4_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { clock, breaker } = setUp({ maxHosts: 3, failuresToOpen: 2 });
        const underWay = new Map<string, number>();
        for (const { host, act, pause } of steps) {
          clock.advance(pause);
          const count = underWay.get(host) ?? 0;
          if (act === "enter") {
            if (breaker.enter(host).outcome === "go") underWay.set(host, count + 1);
          } else {
            breaker.leave(host, act);
            underWay.set(host, Math.max(0, count - 1));
          }
          expect(underWay.get(host) ?? 0).toBeLessThanOrEqual(2);
          expect(breaker.size).toBeLessThanOrEqual(3);
        }
      }),
    );
  });
});
