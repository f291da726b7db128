import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deriveBrokerKeys } from "../../src/crypto/broker-keys.ts";
import { keyedDigest } from "../../src/crypto/digest.ts";
import { authenticateClient } from "../../src/grants/authenticate-client.ts";
import { execute } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { setAppStatus } from "../_app-status.ts";
import { exchange, expectErrors, issueCode, MORNING } from "../upstox/_api.ts";
import { registerApp, SECOND_APP } from "../upstox/_second-app.ts";

const HOUR = 3600;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 1 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

describe("an app's secret", () => {
  it("during a rotation the earlier one counts until its time, and not after (S-24)", async () => {
    const { db, keys } = broker.server.parts;
    await db.write(() =>
      execute(
        "UPDATE clients SET previous_secret_digest = ?, previous_secret_until = ?",
        keyedDigest(keys.clientSecret, "the earlier secret"),
        MORNING + 24 * HOUR * 1000,
      ),
    );
    const withEarlier = async () => exchange(broker, await issueCode(broker), { client_secret: "the earlier secret" });
    expect((await withEarlier()).status).toBe(200);
    expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
    broker.clock.advance(24 * HOUR - 1);
    expect((await withEarlier()).status).toBe(200);
    broker.clock.advance(1);
    expectErrors(await withEarlier(), 401, "UDAPI100069");
    expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
  });

  it("is of no use under another key outside the database (S-20)", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const stolen = { ...broker.server.parts, keys: deriveBrokerKeys(randomBytes(32)) };
    expect(await authenticateClient(stolen, { clientId, clientSecret })).toEqual({ outcome: "refused" });
    expect(await authenticateClient(broker.server.parts, { clientId, clientSecret })).toMatchObject({
      outcome: "authenticated",
    });
  });

  it("an app of another broker is an unknown one, also with its right secret", async () => {
    await registerApp(broker, SECOND_APP, { dialect: "another" });
    const { clientId, clientSecret } = SECOND_APP;
    const { parts } = broker.server;
    expect(await authenticateClient(parts, { dialect: "upstox", clientId, clientSecret })).toEqual({
      outcome: "refused",
    });
    expect(await authenticateClient(parts, { clientId, clientSecret })).toMatchObject({ outcome: "authenticated" });
  });

  it("an app without a secret is never authenticated, not even by an empty one", async () => {
    await registerApp(broker, SECOND_APP, { secretDigest: null });
    for (const clientSecret of ["", SECOND_APP.clientSecret, "\0".repeat(32)]) {
      const { clientId } = SECOND_APP;
      expect(await authenticateClient(broker.server.parts, { clientId, clientSecret })).toEqual({ outcome: "refused" });
    }
  });

  it.each(["inactive", "in-review", "rejected", "expired"] as const)(
    "of an app that is %s is right, and buys nothing",
    async (status) => {
      const { clientId, clientSecret } = broker.upstox.app;
      await setAppStatus(broker, clientId, status);
      expect(await authenticateClient(broker.server.parts, { clientId, clientSecret })).toMatchObject({
        outcome: "inactive",
      });
      expectErrors(await exchange(broker, await issueCode(broker)), 401, "UDAPI100073");
    },
  );
});
