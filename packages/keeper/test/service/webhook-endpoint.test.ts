import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type AccountProfile, KeeperError } from "../../src/index.ts";
import { notifierPath } from "../../src/login/notifier-address.ts";
import { Secret } from "../../src/secret.ts";
import { createWebhookEndpoint, type WebhookEndpoint } from "../../src/service/webhook-endpoint.ts";
import { send } from "../login/_http.ts";
import { TestClock } from "./_service-clock.ts";

function profile(account = "default"): AccountProfile {
  const notifierKey = new Secret(randomBytes(32).toString("base64url"));
  const rest = { clientSecret: new Secret("secret"), redirectUri: undefined, userId: undefined, host: undefined };
  return { broker: "upstox", account, way: "approval", clientId: "app", notifierKey, ...rest };
}

/** An endpoint over accounts whose entries the test writes, and whose reading it can hold up. */
function start() {
  const stopping = new AbortController();
  const clock = new TestClock("2026-11-19T09:00:00+05:30");
  const accounts = new Map<string, { readonly profile: AccountProfile | undefined; readonly writtenAt: number }>();
  let writes = 0;
  let reading: Promise<void> = Promise.resolve();
  const entries = async () =>
    [...accounts].map(([account, { writtenAt }]) => ({
      broker: "upstox",
      account,
      kind: "account",
      keyId: "",
      writtenAt,
    }));
  const errors: string[] = [];
  const notAsked = () => Promise.reject(new Error("not asked in this test"));
  const endpoint = createWebhookEndpoint({
    keeper: {
      accept: notAsked,
      accounts: {
        add: notAsked,
        list: notAsked,
        listAll: notAsked,
        remove: notAsked,
        load: notAsked,
        find: ({ account }) => read(account),
      },
      vault: { list: entries } as unknown as Parameters<typeof createWebhookEndpoint>[0]["keeper"]["vault"],
    },
    clock,
    log: { info() {}, warn() {}, error: (message) => errors.push(message) },
    port: 0,
    stopping: stopping.signal,
  });
  const read = async (account: string) => {
    const found = accounts.get(account);
    await reading;
    if (found !== undefined && found.profile === undefined) throw new KeeperError("VAULT_DAMAGED", "damaged");
    return found?.profile;
  };
  return {
    endpoint,
    errors,
    write(next: AccountProfile) {
      accounts.set(next.account, { profile: next, writtenAt: ++writes });
    },
    damage(account: string) {
      accounts.set(account, { profile: undefined, writtenAt: ++writes });
    },
    remove: (account: string) => accounts.delete(account),
    /** @returns lets reading go on */
    holdReading(): () => void {
      let goOn = () => {};
      reading = new Promise((resolve) => {
        goOn = resolve;
      });
      return goOn;
    },
    [Symbol.dispose]: () => stopping.abort(),
  };
}

async function statusOf(endpoint: WebhookEndpoint, { notifierKey }: AccountProfile): Promise<number | undefined> {
  const url = `http://127.0.0.1:${endpoint.port()}${notifierPath(notifierKey as Secret)}`;
  const { status } = await send(url, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
  return status;
}

describe("the service's receiver of approved tokens", () => {
  it("misses no message while it looks at an account that was written anew, as after its first login", async () => {
    using it = start();
    const account = profile();
    it.write(account);
    await it.endpoint.open();
    it.write({ ...account, userId: "AB1234" });
    const goOn = it.holdReading();
    const looking = it.endpoint.refresh();
    // The answer comes from the loop that the look waits in: by then it has begun.
    expect(await statusOf(it.endpoint, account)).toBe(200);
    goOn();
    await looking;
    expect(await statusOf(it.endpoint, account)).toBe(200);
  });

  it("listens for the others although one account cannot be read, and for that one once it can", async () => {
    using it = start();
    const [first, second] = [profile("a"), profile("b")];
    it.damage("a");
    it.write(second);
    await it.endpoint.open();
    expect([await statusOf(it.endpoint, first), await statusOf(it.endpoint, second)]).toEqual([404, 200]);
    it.write(first);
    await it.endpoint.refresh();
    expect(await statusOf(it.endpoint, first)).toBe(200);
  });

  it("says once that an account cannot be read, and again when it was written anew", async () => {
    using it = start();
    it.damage("a");
    await it.endpoint.open();
    await it.endpoint.refresh();
    await it.endpoint.refresh();
    expect(it.errors).toEqual(["cannot listen for approved tokens"]);
    it.damage("a");
    await it.endpoint.refresh();
    expect(it.errors).toHaveLength(2);
  });

  it("stops listening for what is gone: a removed account, an old key, another way in", async () => {
    using it = start();
    const [first, second] = [profile(), profile()];
    it.write(first);
    await it.endpoint.open();
    it.write(second);
    await it.endpoint.refresh();
    expect([await statusOf(it.endpoint, first), await statusOf(it.endpoint, second)]).toEqual([404, 200]);
    it.write({ ...second, way: "browser" });
    await it.endpoint.refresh();
    expect(await statusOf(it.endpoint, second)).toBe(404);
    it.write(second);
    await it.endpoint.refresh();
    expect(await statusOf(it.endpoint, second)).toBe(200);
    it.remove("default");
    await it.endpoint.refresh();
    expect(await statusOf(it.endpoint, second)).toBe(404);
  });
});
