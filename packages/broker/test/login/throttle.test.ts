import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countGuess, forgiveGuess, type Guess } from "../../src/login/throttle.ts";
import { selectAll, type Verb } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";

const START = Date.parse("2026-11-01T00:00:00Z");
const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Right codes at any moment: three of the authenticator's window and the SMS code, out of a million (S-48). */
const CHANCE_OF_A_GUESS = 4e-6;

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 1 });
});
afterEach(() => broker.close());

const guessFrom = (source: string): Guess => ({ factor: "otp", dialect: "upstox", loginName: "9000000001", source });

/** Runs a whole simulation in one transaction. */
const run = <T>(verb: () => Verb<T>) => broker.server.parts.db.write(verb);

/** A wrong guess. @returns whether it was evaluated */
function* wrong(source: string, now: number): Verb<boolean> {
  return (yield* countGuess(guessFrom(source), now)).allowed;
}

/** A right guess. @returns whether it was evaluated */
function* right(source: string, now: number): Verb<boolean> {
  const verdict = yield* countGuess(guessFrom(source), now);
  if (verdict.allowed) yield* forgiveGuess(verdict.counted, now);
  return verdict.allowed;
}

/** How long a source has to wait after `from`, asked every ten seconds. */
function* waitOf(source: string, from: number): Verb<number> {
  for (let now = from; ; now += 10 * SECOND) if (yield* right(source, now)) return now - from;
}

describe("one source guessing at one account (S-49)", () => {
  it("has five free tries, then waits 30 s, doubling up to an hour", async () => {
    const waits = await run(function* () {
      const found: number[] = [];
      let now = START;
      for (let count = 1; count <= 13; count++) {
        let waited = 0;
        while (!(yield* wrong("a", now))) {
          now += SECOND;
          waited += 1;
        }
        found.push(waited);
      }
      return found;
    });
    expect(waits).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600]);
  });

  it("does not slow down anybody else, nor itself at another account", async () => {
    const allowed = await run(function* () {
      for (let count = 0; count < 6; count++) yield* wrong("a", START);
      const other = { ...guessFrom("a"), loginName: "9000000002" };
      return [yield* wrong("a", START), yield* wrong("b", START), (yield* countGuess(other, START)).allowed];
    });
    expect(allowed).toEqual([false, true, true]);
  });

  it("is forgiven by a right code", async () => {
    const allowed = await run(function* () {
      for (let count = 0; count < 4; count++) yield* wrong("a", START);
      yield* right("a", START);
      const rest: boolean[] = [];
      for (let count = 0; count < 6; count++) rest.push(yield* wrong("a", START));
      return rest;
    });
    expect(allowed).toEqual([true, true, true, true, true, false]);
  });
});

describe("all sources guessing at one account (S-48)", () => {
  it("are stopped after 100 wrong tries in a row", async () => {
    const evaluated = await run(function* () {
      let count = 0;
      for (let source = 0; source < 1_000; source++) if (yield* wrong(`s${source}`, START)) count += 1;
      return count;
    });
    expect(evaluated).toBe(100);
  });

  it("cannot be fed by right codes: somebody who logs in all day long is never slowed down", async () => {
    const refused = await run(function* () {
      let count = 0;
      for (let login = 0; login < 2_000; login++) if (!(yield* right("home", START + login * 600 * SECOND))) count += 1;
      return count;
    });
    expect(refused).toBe(0);
  });

  it("are not washed clean by the owner's right codes", async () => {
    const evaluated = await run(function* () {
      let count = 0;
      for (let source = 0; source < 300; source++) {
        if (yield* wrong(`s${source}`, START + source)) count += 1;
        yield* right("home", START + source);
      }
      return count;
    });
    expect(evaluated).toBe(100);
  });

  const strategies: Readonly<Record<string, (now: number) => number>> = {
    "without a pause": (now) => now + 60 * SECOND,
    "in bursts, each as soon as the last is forgotten": (now) => now + 2 * DAY,
    "in bursts a day apart": (now) => now + DAY,
    "in bursts an hour apart": (now) => now + HOUR,
  };

  it.each(Object.keys(strategies))("have less than one chance in a hundred in a month of guessing %s", async (name) => {
    const pause = strategies[name] ?? (() => 0);
    const evaluated = await run(function* () {
      let count = 0;
      let source = 0;
      for (let now = START; now < START + 31 * DAY; now = pause(now)) {
        while (yield* wrong(`s${source}`, now)) {
          count += 1;
          source += 1;
        }
        // The owner logs in between; that must not help.
        yield* right("home", now + SECOND);
        source += 1;
      }
      return count;
    });
    expect(evaluated).toBeGreaterThan(100);
    expect(evaluated * CHANCE_OF_A_GUESS).toBeLessThan(0.01);
  });

  it("have no more from one source, also one the owner uses", async () => {
    const evaluated = await run(function* () {
      yield* right("home", START);
      let count = 0;
      for (let now = START; now < START + 31 * DAY; now += 30 * SECOND) if (yield* wrong("home", now)) count += 1;
      return count;
    });
    expect(evaluated * CHANCE_OF_A_GUESS).toBeLessThan(0.01);
  });
});

describe("a stranger (S-49)", () => {
  /** Guesses from a new source every second for three hours; @returns when it ends */
  function* storm(): Verb<number> {
    const end = START + 3 * HOUR;
    for (let now = START; now < end; now += SECOND) yield* wrong(`s${now}`, now);
    return end;
  }

  it("locks a person on a new network out for at most an hour", async () => {
    const wait = await run(function* () {
      return yield* waitOf("holiday", yield* storm());
    });
    expect(wait).toBeLessThanOrEqual(HOUR);
  });

  it("does not hold up a person on a network that logged in before, not even while it goes on", async () => {
    const waits = await run(function* () {
      yield* right("home", START - 29 * DAY);
      const during: number[] = [];
      for (let now = START; now < START + 3 * HOUR; now += SECOND) {
        yield* wrong(`s${now}`, now);
        if ((now - START) % (10 * 60 * SECOND) === 0) during.push(yield* waitOf("home", now));
      }
      return during;
    });
    expect(new Set(waits)).toEqual(new Set([0]));
  });

  it("never causes a hard lock: that needs the phone first", async () => {
    await run(storm);
    const locked = "SELECT 1 FROM accounts WHERE locked_at IS NOT NULL OR pin_failures > 0";
    const rows = await broker.server.parts.db.read(() => selectAll(locked));
    expect(rows).toEqual([]);
  });
});
