import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptToken, readStored } from "../src/accept-token.ts";
import { openAccounts } from "../src/accounts.ts";
import type { Broker, IssuedToken } from "../src/brokers/broker.ts";
import { openBrokers } from "../src/brokers/brokers.ts";
import { Secret, type Vault } from "../src/index.ts";
import { sessionEntry, writeSessionRecord } from "../src/session-record.ts";
import { failure, MORNING } from "./_kept.ts";
import { testHome } from "./_vault.ts";

const ID = { broker: "upstox", account: "default" };
const NOW = MORNING / 1000;
const OURS = "7KAB12";

/** A token of ours by its time of issue; `foreign` is somebody else's, `junk` nobody's. */
type Delivery = { readonly token: IssuedToken; readonly kind: "ours" | "foreign" | "junk" };

function delivery(kind: Delivery["kind"], minute: number): Delivery {
  const issuedAt = NOW - 3600 + minute * 60;
  const accessToken = new Secret(`${kind}-token-number-${minute}`);
  return { kind, token: { accessToken, issuedAt, expiresAt: NOW + 7200, userId: undefined } };
}

/** The far side of the network: knows whose token it is by its first word. */
function brokerSays(broker: Broker, asked: string[], serverTime: number | undefined = NOW): Broker {
  return {
    ...broker,
    async identify(_profile, token) {
      const [kind = ""] = token.reveal().split("-");
      asked.push(kind);
      if (kind === "junk") throw Object.assign(new Error("401"), { isDead: true });
      return { userId: kind === "ours" ? OURS : "ZZ9999", userName: undefined, serverTime };
    },
  };
}

async function prepare(vault: Vault) {
  const now = () => MORNING;
  const brokers = openBrokers({ now });
  const accounts = openAccounts(vault, brokers);
  const upstox = brokers.get("upstox") as Broker;
  await accounts.add({
    ...ID,
    clientId: "app-1",
    clientSecret: "secret",
    redirectUri: "http://127.0.0.1:7475/callback",
    userId: OURS,
    replace: true,
  });
  const asked: string[] = [];
  const deps = { vault, accounts, broker: brokerSays(upstox, asked), now };
  const accept = (token: IssuedToken) =>
    acceptToken(deps, ID, token, { obtainedBy: "approval", signal: new AbortController().signal });
  return { accept, asked, deps, accounts };
}

/** A vault whose methods can be taken apart. */
function bound(vault: Vault): Vault {
  return {
    place: vault.place,
    read: (name) => vault.read(name),
    write: (name, content) => vault.write(name, content),
    remove: (name) => vault.remove(name),
    list: () => vault.list(),
    revision: (name) => vault.revision(name),
    watch: (name, changed) => vault.watch(name, changed),
    withLock: (name, work, options) => vault.withLock(name, work, options),
    rotateKey: () => vault.rotateKey(),
    close: () => vault.close(),
    [Symbol.asyncDispose]: () => vault.close(),
  };
}

describe("acceptToken()", () => {
  it("stores a token of ours only, the newest of them, however deliveries are ordered and repeated (S-82, S-83)", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const deliveries = fc.array(
      fc.record({
        kind: fc.constantFrom("ours" as const, "ours" as const, "foreign" as const, "junk" as const),
        minute: fc.integer({ min: 0, max: 5 }),
        together: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async (list) => {
        const { accept } = await prepare(vault);
        let running: Promise<unknown>[] = [];
        for (const { kind, minute, together } of list) {
          running.push(accept(delivery(kind, minute).token).catch(() => {}));
          if (!together) {
            await Promise.all(running);
            running = [];
          }
        }
        await Promise.all(running);
        const ours = list.filter(({ kind }) => kind === "ours").map(({ minute }) => minute);
        const newest = ours.length === 0 ? undefined : `ours-token-number-${Math.max(...ours)}`;
        const { session } = await readStored(vault, ID);
        expect(session?.accessToken.reveal()).toBe(newest);
      }),
      { numRuns: 40 },
    );
  });

  it("proves a token once: the same one again changes nothing and asks nobody", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const { accept, asked } = await prepare(vault);
    const { token } = delivery("ours", 1);
    const first = await accept(token);
    const revision = await vault.revision({ ...ID, kind: "session" });
    expect(await accept(token)).toEqual(first);
    expect(asked).toEqual(["ours"]);
    expect(await vault.revision({ ...ID, kind: "session" })).toBe(revision);
  });

  it.each([
    ["an hour in the future", { issuedAt: NOW + 3600 }],
    ["over already", { expiresAt: NOW - 1 }],
  ])("refuses a token that is %s", async (_name, times) => {
    await using home = await testHome();
    const vault = await home.open();
    const { accept } = await prepare(vault);
    const error = await failure(accept({ ...delivery("ours", 1).token, ...times }));
    expect(error.code).toBe("LOGIN_FAILED");
    expect(await readStored(vault, ID)).toMatchObject({ session: undefined });
  });

  it("refuses an answer that names another user than the profile does", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const { accept } = await prepare(vault);
    const error = await failure(accept({ ...delivery("ours", 1).token, userId: "ZZ9999" }));
    expect(error.code).toBe("WRONG_USER");
  });

  it("stores nothing for an account that was removed while the broker was asked", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const { deps, accounts } = await prepare(vault);
    const identify: Broker["identify"] = async (...call) => {
      const identity = await deps.broker.identify(...call);
      await accounts.remove(ID);
      return identity;
    };
    const signal = new AbortController().signal;
    const late = acceptToken({ ...deps, broker: { ...deps.broker, identify } }, ID, delivery("ours", 1).token, {
      obtainedBy: "browser",
      signal,
    });
    expect((await failure(late)).code).toBe("UNKNOWN_ACCOUNT");
    expect(await vault.list()).toEqual([]);
  });

  it("keeps the old session when the new one cannot be written (S-77)", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const { accept, deps } = await prepare(vault);
    await accept(delivery("ours", 1).token);
    const full: Vault = {
      ...bound(vault),
      async write() {
        throw new Error("the disk is full");
      },
    };
    const late = acceptToken({ ...deps, vault: full }, ID, delivery("ours", 2).token, {
      obtainedBy: "browser",
      signal: new AbortController().signal,
    });
    expect((await failure(late)).message).toBe("the disk is full");
    expect((await readStored(vault, ID)).session?.accessToken.reveal()).toBe("ours-token-number-1");
  });

  it("lets an older token replace one that the broker has refused", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const { accept } = await prepare(vault);
    await accept(delivery("ours", 5).token);
    const record = await readStored(vault, ID);
    await vault.write(sessionEntry(ID), writeSessionRecord({ ...record, isDead: true }));
    const { accessToken } = await accept(delivery("ours", 1).token);
    expect(accessToken.reveal()).toBe("ours-token-number-1");
  });

  it("keeps how far the broker's clock is ahead, when it is more than noise (S-74)", async () => {
    await using home = await testHome();
    const vault = await home.open();
    for (const [ahead, kept] of [
      [4, 0],
      [-5, 0],
      [6, 6],
      [-90, -90],
    ] as const) {
      const { deps } = await prepare(vault);
      const broker = brokerSays(deps.broker, [], NOW + ahead);
      const session = await acceptToken({ ...deps, broker }, ID, delivery("ours", 1).token, {
        obtainedBy: "browser",
        signal: new AbortController().signal,
      });
      expect(session.clockOffset).toBe(kept);
      expect((await readStored(vault, ID)).session?.clockOffset).toBe(kept);
    }
  });

  it("is refused when the account became somebody else's while the broker was asked (S-82)", async () => {
    await using home = await testHome();
    const vault = await home.open();
    const { deps, accounts } = await prepare(vault);
    const broker: Broker = {
      ...deps.broker,
      async identify(...call) {
        await accounts.learnUser(await accounts.load(ID), "ZZ9999");
        return await deps.broker.identify(...call);
      },
    };
    const { token } = delivery("ours", 1);
    const options = { obtainedBy: "approval", signal: new AbortController().signal } as const;
    expect(await failure(acceptToken({ ...deps, broker }, ID, token, options))).toMatchObject({ code: "WRONG_USER" });
    expect((await readStored(vault, ID)).session).toBeUndefined();
  });
});
