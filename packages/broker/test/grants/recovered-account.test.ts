import { expect, it } from "vitest";
import { replacePin } from "../../src/store/accounts.ts";
import { startBroker } from "../../src/testing/index.ts";
import { accountIdOf, exchange, expectErrors, issueCode } from "../upstox/_api.ts";

it("a code issued before a PIN recovery buys nothing after it (S-12)", async () => {
  await using broker = await startBroker({ customers: 1 });
  const { db, hasher } = broker.server.parts;
  const code = await issueCode(broker);
  const pinHash = await hasher.hash("918273");
  await db.write(() => replacePin(accountIdOf(broker), pinHash));
  expectErrors(await exchange(broker, code), 400, ["UDAPI100057", "code"]);
  expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
});
