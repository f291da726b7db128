import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mintCredential } from "../../src/crypto/credential.ts";
import { setClientStatus, setNotifierUrl } from "../../src/grants/manage-client.ts";
import { approveTokenRequest, openTokenRequest } from "../../src/grants/token-request.ts";
import { findAccount } from "../../src/store/accounts.ts";
import { findAnyClient } from "../../src/store/clients.ts";
import type { StoredTokenRequest } from "../../src/store/token-requests.ts";
import { selectAll, selectOne, type Verb } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxDialect } from "../../src/upstox/dialect.ts";
import { notifierMessage } from "../../src/upstox/token-request.ts";
import { accountIdOf, addClient, customer } from "../login/_people.ts";

/** Statements that one verb lets pass before it begins, so that the two of a transaction meet at different points. */
const LATER = [0, 1, 2, 3, 4];
const OLD_URL = "http://127.0.0.1:9/old";
const NEW_URL = "http://127.0.0.1:9/new";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 1 });
});
afterEach(() => broker.close());

const parts = () => broker.server.parts;
const owner = () => accountIdOf(customer(broker, 0));
/** Ahead of the clock, so that no delivery is due. */
const later = () => parts().clock.now() + 3_600_000;

async function openRequest(clientId: string): Promise<StoredTokenRequest> {
  const now = later();
  const link = mintCredential("", now, parts().random);
  return await parts().db.write(function* () {
    const client = yield* findAnyClient(clientId);
    const account = yield* findAccount(owner());
    if (!client || !account) throw new Error("no such app or account");
    const opened = yield* openTokenRequest(parts(), client, account, link, now + 3_600_000, now);
    if (opened.outcome !== "opened") throw new Error(opened.outcome);
    return opened.request;
  });
}

function* after<T>(statements: number, verb: () => Verb<T>): Verb<T> {
  for (let n = 0; n < statements; n++) yield* selectOne("SELECT 1 AS one");
  return yield* verb();
}

describe("a change of an app beside something that depends on it, in one transaction", () => {
  it.each(LATER)("of its notifier URL, %i statements later: no token goes to the earlier one (S-64)", async (n) => {
    const { db } = parts();
    const { clientId } = await addClient(parts(), { notifierUrl: OLD_URL, ownerAccount: owner() });
    const request = await openRequest(clientId);
    const change = { clientId, by: { kind: "operator" }, now: later() } as const;
    const approve = () => approveTokenRequest(parts(), upstoxDialect.tokenRules, request, notifierMessage, later());
    await Promise.all([
      db.write(approve),
      db.write(() => after(n, () => setNotifierUrl(parts(), change, NEW_URL, { allowLoopbackHttp: true }))),
    ]);
    const waiting = await db.read(() =>
      selectAll("SELECT url FROM outbox WHERE state = 'waiting' AND url = ?", OLD_URL),
    );
    expect(waiting).toEqual([]);
  });

  it.each(LATER)("of its status by its owner, %i statements later than the broker's own: that one stays", async (n) => {
    const { db } = parts();
    const { clientId } = await addClient(parts(), { status: "inactive", ownerAccount: owner() });
    const now = later();
    await Promise.all([
      db.write(() => setClientStatus(parts(), { clientId, by: { kind: "operator" }, now }, "rejected")),
      db.write(() =>
        after(n, () =>
          setClientStatus(parts(), { clientId, by: { kind: "owner", accountId: owner() }, now }, "active"),
        ),
      ),
    ]);
    expect((await db.read(() => findAnyClient(clientId)))?.status).toBe("rejected");
  });
});
