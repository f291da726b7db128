import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seal } from "../../src/crypto/sealed-box.ts";
import type { BrokerParts } from "../../src/parts.ts";
import { nextDeliveryAt } from "../../src/store/outbox.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { webhookSecretContext } from "../../src/webhooks/outbox-runner.ts";
import { newWebhookSecret, verifyWebhook } from "../../src/webhooks/webhook-signature.ts";
import { accountIdOf, addClient, customer } from "../login/_people.ts";
import { approveInStore, outboxRows } from "./_approved-request.ts";
import { type Notifier, startNotifier } from "./_notifier.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");
const TOKEN_DIES = 1_795_644_000_000;
/** For brokers on a file: they look at it with the real clock before a test can stop theirs. */
/** Ahead of the real clock, which a broker has until the test freezes it: nothing is due before. */
const TODAY = Date.now() + 3_600_000;

let broker: TestBroker;
let notifier: Notifier;
beforeEach(async () => {
  notifier = await startNotifier();
  broker = await startBroker({ customers: 1, notifierUrl: notifier.url });
  broker.clock.freeze(NOW);
});
afterEach(async () => {
  await broker.close();
  await notifier.close();
});

const approve = (place: TestBroker = broker, clientId = place.upstox.app.clientId) =>
  approveInStore(place.server.parts, clientId, accountIdOf(customer(place, 0)));

/** Moves the clock, which wakes the runner, and waits until it has done what is due. */
async function advance(seconds: number, place: TestBroker = broker): Promise<void> {
  place.clock.advance(seconds);
  await place.settled();
}

describe("retries of a webhook (design.md section 7)", () => {
  it("come after 2, 8, 30, 120 and 600 s, then every ten minutes", async () => {
    notifier.answers.push(500, 503, 404, 429, 500, 301, 500, 500);
    await approve();
    await advance(0);
    expect(notifier.received).toHaveLength(1);
    for (const [index, seconds] of [2, 8, 30, 120, 600, 600, 600].entries()) {
      await advance(seconds - 0.001);
      expect(notifier.received, `before ${seconds} s`).toHaveLength(index + 1);
      await advance(0.001);
      expect(notifier.received, `after ${seconds} s`).toHaveLength(index + 2);
    }
    expect(await outboxRows(broker.server.parts)).toMatchObject([{ state: "waiting", attempts: 8 }]);
    await advance(600);
    expect(await outboxRows(broker.server.parts)).toMatchObject([{ state: "delivered", attempts: 9 }]);
    await advance(3_600);
    expect(notifier.received).toHaveLength(9);
  });

  it("wait for an answer that takes its time, and are counted from the failure", async () => {
    notifier.answers.push("hang");
    await approve();
    broker.clock.advance(0);
    while (notifier.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    // Longer than the first wait, shorter than an answer may take: the delivery is still under way.
    broker.clock.advance(9);
    await broker.server.parts.db.write(() => nextDeliveryAt());
    expect(await outboxRows(broker.server.parts)).toMatchObject([{ state: "waiting", attempts: 1 }]);
    notifier.hangUp();
    await broker.settled();
    await advance(1.999);
    expect(notifier.received).toHaveLength(1);
    await advance(0.001);
    expect(notifier.received).toHaveLength(2);
  });

  it("send the same token and delivery id every time (S-68)", async () => {
    notifier.answers.push(500, 500);
    await approve();
    for (const seconds of [0, 2, 8]) await advance(seconds);
    expect(notifier.received).toHaveLength(3);
    expect(new Set(notifier.received.map(({ body }) => body)).size).toBe(1);
    expect(new Set(notifier.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it.each([200, 201, 202, 204, 299])("end with %d", async (status) => {
    notifier.answers.push(status);
    await approve();
    await advance(0);
    await advance(600);
    expect(notifier.received).toHaveLength(1);
  });

  it.each([301, 302, 307, 308])("go on after %d, and nothing follows the redirect (S-67)", async (status) => {
    notifier.answers.push(status);
    await approve();
    await advance(0);
    await advance(2);
    expect(notifier.received.map(({ path }) => path)).toEqual(["/hooks/upstox-token", "/hooks/upstox-token"]);
  });

  it("end when the token dies, which is then worth nothing", async () => {
    notifier.answers.push(...Array.from({ length: 200 }, () => 500));
    await approve();
    await advance(0);
    broker.clock.freeze(TOKEN_DIES - 1);
    await broker.settled();
    const tried = notifier.received.length;
    broker.clock.freeze(TOKEN_DIES);
    await broker.settled();
    await advance(86_400);
    expect(notifier.received).toHaveLength(tried);
    expect(await outboxRows(broker.server.parts)).toMatchObject([{ state: "expired", body: null }]);
  });
});

describe("a token on its way (S-69)", () => {
  it("is sealed in the store, and erased once it was delivered", async () => {
    notifier.answers.push(500);
    await approve();
    await advance(0);
    const { access_token: token } = JSON.parse(notifier.received[0]?.body ?? "{}") as { access_token: string };
    const [waiting] = await outboxRows(broker.server.parts);
    expect(waiting?.body).not.toBeNull();
    expect(Buffer.from(waiting?.body ?? []).includes(token)).toBe(false);
    await advance(2);
    expect(await outboxRows(broker.server.parts)).toMatchObject([{ state: "delivered", body: null }]);
  });

  it("is in no file of the database, before and after", async () => {
    await inFolder(async (folder) => {
      await using place = await startOnFile(folder);
      notifier.answers.push(500);
      await approve(place);
      await advance(0, place);
      const { access_token: token } = JSON.parse(notifier.received[0]?.body ?? "{}") as { access_token: string };
      const isOnDisk = async () => {
        const names = (await readdir(folder)).filter((name) => name.startsWith("broker.db"));
        const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
        return files.some((bytes) => bytes.includes(token.slice(-43)));
      };
      expect(await isOnDisk()).toBe(false);
      await advance(2, place);
      expect(await isOnDisk()).toBe(false);
    });
  });

  it("cannot be moved into another delivery by who can write the database", async () => {
    notifier.answers.push(500);
    await approve();
    await advance(0);
    const [row] = await outboxRows(broker.server.parts);
    const { db } = broker.server.parts;
    await db.write(function* () {
      yield {
        text: "INSERT INTO outbox SELECT 'forged', client_id, url, body, state, 0, created_at, 0, expires_at, NULL FROM outbox WHERE delivery_key = ?",
        params: [row?.delivery_key ?? ""],
        firstOnly: false,
      };
    });
    await advance(1);
    expect(notifier.received.map(({ headers }) => headers["webhook-id"])).not.toContain("forged");
  });
});

describe("a crash between commit and send (S-68)", () => {
  it("loses nothing: the next process on the file delivers", async () => {
    await inFolder(async (folder) => {
      const first = await startOnFile(folder);
      await approve(first);
      await first.close();
      expect(notifier.received).toEqual([]);
      await using second = await startOnFile(folder);
      await advance(0, second);
      expect(notifier.received).toHaveLength(1);
      const { access_token: token } = JSON.parse(notifier.received[0]?.body ?? "{}") as { access_token: string };
      const headers = { authorization: `Bearer ${token}` };
      expect((await fetch(`${second.url}/v2/user/profile`, { headers })).status).toBe(200);
    });
  });

  it("keeps the retries where they were", async () => {
    await inFolder(async (folder) => {
      notifier.answers.push(500, 500);
      const first = await startOnFile(folder);
      await approve(first);
      await advance(0, first);
      await advance(2, first);
      await first.close();
      await using second = await startOnFile(folder, TODAY + 2_000 + 7_999);
      await advance(0, second);
      expect(notifier.received).toHaveLength(2);
      await advance(0.001, second);
      expect(notifier.received).toHaveLength(3);
    });
  });

  it("is not sent twice by two processes on one file", async () => {
    await inFolder(async (folder) => {
      await using first = await startOnFile(folder);
      await using second = await startOnFile(folder);
      for (let count = 0; count < 2; count++) {
        await approve(first);
        await Promise.all([advance(0, first), advance(0, second)]);
      }
      expect(notifier.received).toHaveLength(2);
    });
  });
});

describe("a dead target (S-70)", () => {
  it("does not delay others, however much waits for it", async () => {
    await using hole = await startNotifier(...Array.from({ length: 100 }, () => "hang" as const));
    const dead = await Promise.all(
      Array.from({ length: 30 }, () => addClient(broker.server.parts, { notifierUrl: hole.url })),
    );
    const alive = await Promise.all(
      Array.from({ length: 100 }, () => addClient(broker.server.parts, { notifierUrl: notifier.url })),
    );
    for (const { clientId } of [...dead, ...alive]) await approve(broker, clientId);
    // Not settled(): the hole never answers. Each turn lets the event loop work and moves the clock a little.
    while (notifier.received.length < alive.length) {
      broker.clock.advance(0.05);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(new Set(notifier.received.map(({ body }) => body)).size).toBe(alive.length);
    expect(hole.received.length, "two at a time").toBeLessThanOrEqual(2);
  });

  it("that refuses connections is left alone after five, and tried again later", async () => {
    const port = new URL(notifier.url).port;
    await notifier.close();
    const apps = await Promise.all(
      Array.from({ length: 6 }, () => addClient(broker.server.parts, { notifierUrl: `http://127.0.0.1:${port}/` })),
    );
    for (const { clientId } of apps) await approve(broker, clientId);
    for (let count = 0; count < 20; count++) await advance(0.1);
    const tries = (await outboxRows(broker.server.parts)).reduce((sum, { attempts }) => sum + attempts, 0);
    // Two go at a time, so a sixth may be under way when the fifth fails.
    expect([5, 6]).toContain(tries);
    await advance(60);
    for (let count = 0; count < 20; count++) await advance(0.1);
    const later = (await outboxRows(broker.server.parts)).reduce((sum, { attempts }) => sum + attempts, 0);
    expect(later).toBeGreaterThan(tries);
    notifier = await startNotifier();
  });

  it("has a fresh start after a reset, wherever the clock was", async () => {
    notifier.answers.push("hang", "hang", "hang", "hang", "hang");
    broker.clock.advance(30 * 86_400);
    await approve();
    for (const [index, seconds] of [0, 2, 8, 30, 120].entries()) {
      broker.clock.advance(seconds);
      while (notifier.received.length <= index) await new Promise((resolve) => setImmediate(resolve));
      notifier.hangUp();
      await broker.settled();
    }
    await broker.reset();
    broker.clock.freeze(NOW);
    await approve();
    await advance(0);
    expect(notifier.received).toHaveLength(6);
  });
});

describe("signed deliveries (S-71)", () => {
  const withSecret = async (parts: BrokerParts, secret: string) => {
    const clientId = "7f1d4a52-90c1-4a4e-8f0b-2d6f3f1b9d01";
    const sealed = seal(parts.keys.seal, secret, webhookSecretContext(clientId), (size) => parts.random.bytes(size));
    return await addClient(parts, { clientId, notifierUrl: notifier.url, webhookSecret: sealed });
  };

  it("carry a signature when the app has a secret, new for each try, over the same id and body", async () => {
    const { parts } = broker.server;
    const secret = newWebhookSecret((size) => parts.random.bytes(size));
    const { clientId } = await withSecret(parts, secret);
    notifier.answers.push(500);
    await approve(broker, clientId);
    await advance(0);
    await advance(2);
    const [first, second] = notifier.received;
    expect(verifyWebhook(first?.headers ?? {}, first?.body ?? "", secret, NOW / 1000)).toBe("valid");
    expect(verifyWebhook(second?.headers ?? {}, second?.body ?? "", secret, NOW / 1000 + 2)).toBe("valid");
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.headers["webhook-timestamp"]).toBe(String(NOW / 1000 + 2));
    expect(verifyWebhook(first?.headers ?? {}, `${first?.body} `, secret, NOW / 1000)).toBe("mismatch");
    expect(verifyWebhook(first?.headers ?? {}, first?.body ?? "", secret, NOW / 1000 + 301)).toBe("stale");
  });

  it("carry none when it has not, as the vendor's", async () => {
    await approve();
    await advance(0);
    expect(notifier.received[0]?.headers["webhook-signature"]).toBeUndefined();
  });
});

/** A broker on the database file of this folder, its clock frozen before the runner looks at it again. */
async function startOnFile(folder: string, at = TODAY): Promise<TestBroker> {
  const database = `sqlite:${join(folder, "broker.db")}`;
  const place = await startBroker({
    customers: 1,
    notifierUrl: notifier.url,
    database,
    masterKey: Buffer.alloc(32, 3),
  });
  place.clock.freeze(at);
  await place.settled();
  return place;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kunji-outbox-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
