import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newRowKey } from "../../src/crypto/row-key.ts";
import { keepHouse } from "../../src/housekeeping.ts";
import { raiseClockMark } from "../../src/store/clock-mark.ts";
import { claimDueDeliveries, postponeDelivery, saveDelivery } from "../../src/store/outbox.ts";
import { sweepExpired } from "../../src/store/sweep.ts";
import { takeFromQuota } from "../../src/store/throttles.ts";
import { selectOne } from "../../src/store/verb.ts";
import { addClient } from "../login/_people.ts";
import { accountIdOf, issueCode } from "../upstox/_api.ts";
import { approveInStore, outboxRows } from "../webhooks/_approved-request.ts";
import { type Notifier, startNotifier } from "../webhooks/_notifier.ts";
import { type Replicas, startReplicas } from "./_replicas.ts";

const DAY_MS = 86_400_000;

let notifier: Notifier;
let replicas: Replicas;
beforeEach(async () => {
  notifier = await startNotifier();
  replicas = await startReplicas({
    customers: 1,
    notifierUrl: notifier.url,
    settings: { KUNJI_WEBHOOK_LOOPBACK: true },
  });
});
afterEach(async () => {
  await replicas[Symbol.asyncDispose]();
  await notifier.close();
});

const parts = () => replicas.brokers[0].server.parts;
const settled = () => Promise.all(replicas.brokers.map((broker) => broker.settled()));

/** Moves both clocks, which wakes both outboxes. */
async function advance(seconds: number): Promise<void> {
  for (const broker of replicas.brokers) broker.clock.advance(seconds);
  await settled();
}

describe("the outbox of two replicas (S-68)", () => {
  it("sends each delivery once per attempt", async () => {
    const now = parts().clock.now();
    for (const broker of replicas.brokers) broker.clock.freeze(now);
    const apps = await Promise.all(Array.from({ length: 40 }, () => addClient(parts(), { notifierUrl: notifier.url })));
    for (const { clientId } of apps) await approveInStore(parts(), clientId, accountIdOf(replicas.brokers[0]));
    const waiting = async () => (await outboxRows(parts())).filter(({ state }) => state === "waiting").length;
    // Two at a time go to one host, so it takes a few rounds; nobody comes before their time.
    for (let round = 0; (await waiting()) > 0 && round < 200; round++) await advance(0.1);
    expect(await waiting()).toBe(0);
    const ids = notifier.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
    expect((await outboxRows(parts())).map(({ attempts }) => attempts)).toEqual(apps.map(() => 1));
  });

  it("tries a delivery that failed again once, not once each", async () => {
    const now = parts().clock.now();
    for (const broker of replicas.brokers) broker.clock.freeze(now);
    notifier.answers.push(500, 500);
    const { clientId } = await addClient(parts(), { notifierUrl: notifier.url });
    await approveInStore(parts(), clientId, accountIdOf(replicas.brokers[0]));
    await advance(0);
    expect(notifier.received).toHaveLength(1);
    await advance(2);
    expect(notifier.received).toHaveLength(2);
    await advance(8);
    expect(notifier.received).toHaveLength(3);
  });
});

describe("a claim on a delivery that ran out (S-68)", () => {
  it("is not put off by the process that had it: another one tries it now", async () => {
    const [first, second] = replicas.brokers.map((broker) => broker.server.parts.db);
    // In the future, so that neither broker takes it by itself.
    const now = parts().clock.now() + DAY_MS / 2;
    const delivery = {
      delivery_key: newRowKey(now, parts().random),
      client_id: replicas.place.upstox.app.clientId,
      url: notifier.url,
      body: Buffer.from("sealed"),
      created_at: now,
      expires_at: now + DAY_MS,
    };
    await first?.write(() => saveDelivery(delivery));
    const [mine] = (await first?.write(() => claimDueDeliveries(now, 1, now + 15_000))) ?? [];
    const [theirs] = (await second?.write(() => claimDueDeliveries(now + 15_000, 1, now + 30_000))) ?? [];
    expect([mine?.attempts, theirs?.attempts]).toEqual([1, 2]);
    if (mine) await first?.write(() => postponeDelivery(mine, now + 15_100));
    expect(await outboxRows(parts())).toMatchObject([{ attempts: 2, next_at: now + 30_000 }]);
  });
});

describe("housekeeping of two replicas", () => {
  it("leaves a count alone that begins anew while it looks (S-47)", async () => {
    const { db, clock } = parts();
    const now = clock.now();
    const quota = { limit: 3, windowMs: 1_000 };
    await db.write(() => takeFromQuota("the key", quota, now - 2_000));
    const other = new pg.Client(replicas.databaseUrl);
    await other.connect();
    try {
      await other.query("BEGIN");
      const renewed = [now, now + 1_000, "the key"];
      await other.query("UPDATE throttles SET window_start = $1, expires_at = $2 WHERE throttle_key = $3", renewed);
      const swept = db.write(() => sweepExpired(now, 30));
      const { rows } = await other.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      while (!(await isWaitedFor(other, rows[0]?.pid ?? 0)));
      await other.query("COMMIT");
      await swept;
    } finally {
      await other.end();
    }
    expect(await db.read(() => selectOne("SELECT count FROM throttles WHERE throttle_key = 'the key'"))).toEqual({
      count: 1,
    });
  });

  it("removes each lapsed row once, whoever sweeps at the same time", async () => {
    for (let n = 0; n < 4; n++) await Promise.all(Array.from({ length: 50 }, () => issueCode(replicas.brokers[0])));
    const later = parts().clock.now() + 3 * DAY_MS;
    const removed = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        replicas.brokers[n % 2]?.server.parts.db.write(() => sweepExpired(later, 30)),
      ),
    );
    expect(removed.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(200);
    expect(await parts().db.read(() => selectOne("SELECT COUNT(*) AS n FROM codes"))).toEqual({ n: 0 });
  });

  it("can be kept by both at once", async () => {
    const alarms: string[] = [];
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => {
        const broker = replicas.brokers[n % 2] as Replicas["brokers"][0];
        return keepHouse(broker.server.parts, (text) => alarms.push(text));
      }),
    );
    expect(alarms).toEqual([]);
  });

  it("never lets the clock's mark fall (S-114)", async () => {
    const start = parts().clock.now() + DAY_MS;
    const marks = Array.from({ length: 60 }, (_, n) => start + ((n * 37) % 60) * 1000);
    await Promise.all(
      marks.map((mark, n) => replicas.brokers[n % 2]?.server.parts.db.write(() => raiseClockMark(mark))),
    );
    expect(await parts().db.write(() => raiseClockMark(0))).toBe(Math.max(...marks));
  });
});

/** Whether somebody waits for what a session has locked. */
async function isWaitedFor(client: pg.Client, pid: number): Promise<boolean> {
  const { rows } = await client.query<{ waits: boolean }>(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))) AS waits",
    [pid],
  );
  return rows[0]?.waits ?? false;
}
