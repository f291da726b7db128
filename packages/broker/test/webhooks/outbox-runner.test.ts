import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, StoreUnavailable } from "../../src/store/database.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { CircuitBreaker } from "../../src/webhooks/circuit-breaker.ts";
import { type AttemptOutcome, OutboxRunner } from "../../src/webhooks/outbox-runner.ts";
import { accountIdOf, customer } from "../login/_people.ts";
import { approveInStore, outboxRows } from "./_approved-request.ts";
import { manualTimers } from "./_targets.ts";

/** What approves a request, and the runner of another process on its database. */
let broker: TestBroker;
let runner: OutboxRunner;
let timers: ReturnType<typeof manualTimers>;
let isAway: boolean;
let results: AttemptOutcome[];
let failures: unknown[];
/** What becomes of each try. */
let deliver: () => Promise<{ outcome: "delivered"; status: number }>;

beforeEach(async () => {
  broker = await startBroker({ customers: 1 });
  // Its own runner looks when its clock moves.
  broker.clock.freeze();
  await broker.settled();
  const { parts } = broker.server;
  const orAway = <T>(work: () => Promise<T>) => (isAway ? Promise.reject(new StoreUnavailable("away")) : work());
  const db: Database = {
    read: (verb) => orAway(() => parts.db.read(verb)),
    write: (verb) => orAway(() => parts.db.write(verb)),
    waitingWrites: 0,
    close: async () => {},
  };
  timers = manualTimers();
  isAway = false;
  results = [];
  failures = [];
  deliver = async () => ({ outcome: "delivered", status: 200 });
  runner = new OutboxRunner({
    parts: { ...parts, db },
    breaker: new CircuitBreaker(parts),
    deliver: () => deliver(),
    onResult: (outcome) => results.push(outcome),
    onFailure: (error) => failures.push(error),
    setTimer: timers.setTimer,
  });
});
afterEach(async () => {
  await runner.stop();
  await broker.close();
});

const approve = () => approveInStore(broker.server.parts, broker.upstox.app.clientId, accountIdOf(customer(broker, 0)));

describe("the outbox runner", () => {
  it("looks again by itself after the database was away", async () => {
    await approve();
    isAway = true;
    runner.wake();
    await runner.settled();
    expect([results.length, failures.length]).toEqual([0, 1]);
    expect(timers.pending()).toEqual([5_000]);
    isAway = false;
    timers.fire(5_000);
    await runner.settled();
    expect(results).toEqual(["delivered"]);
  });

  it("looks every half minute while nothing waits: another process may have died before it sent something", async () => {
    runner.wake();
    await runner.settled();
    expect(timers.pending()).toEqual([30_000]);
    await approve();
    timers.fire(30_000);
    await runner.settled();
    expect(results).toEqual(["delivered"]);
  });

  it("counts a try once, also when what came of it cannot be written down", async () => {
    await approve();
    deliver = async () => {
      isAway = true;
      return { outcome: "delivered", status: 200 };
    };
    runner.wake();
    await runner.settled();
    expect(results).toEqual(["delivered"]);
    expect(failures.length).toBeGreaterThan(0);
    expect(await outboxRows(broker.server.parts)).toMatchObject([{ state: "waiting", attempts: 1 }]);
  });

  it("counts one that could not be made, and says why", async () => {
    await approve();
    const broken = new Error("no such key");
    deliver = () => Promise.reject(broken);
    runner.wake();
    await runner.settled();
    expect(results).toEqual(["error"]);
    expect(failures).toEqual([broken]);
  });

  it("sleeps no more once it was stopped", async () => {
    runner.wake();
    await runner.stop();
    expect(timers.pending()).toEqual([]);
  });
});
