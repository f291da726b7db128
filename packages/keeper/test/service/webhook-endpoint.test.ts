import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AccountProfile } from "../../src/index.ts";
import { notifierPath } from "../../src/login/notifier-address.ts";
import { Secret } from "../../src/secret.ts";
import { createWebhookEndpoint, type WebhookEndpoint } from "../../src/service/webhook-endpoint.ts";
import { send } from "../login/_http.ts";
import { TestClock } from "./_service-clock.ts";

const ID = { broker: "upstox", account: "default" };

function profile(way: "approval" | "browser" = "approval"): AccountProfile {
  const notifierKey = new Secret(randomBytes(32).toString("base64url"));
  const rest = { clientSecret: new Secret("secret"), redirectUri: undefined, userId: undefined, host: undefined };
  return { ...ID, way, clientId: "app", notifierKey, ...rest };
}

/** An endpoint over one account, whose entry the test writes and whose reading it can hold up. */
function start() {
  const stopping = new AbortController();
  const clock = new TestClock("2026-11-19T09:00:00+05:30");
  let account: AccountProfile | undefined;
  let writtenAt = 0;
  let reading: Promise<void> = Promise.resolve();
  const entry = () => ({ ...ID, kind: "account" as const, keyId: "", writtenAt });
  const notAsked = () => Promise.reject(new Error("not asked in this test"));
  const endpoint = createWebhookEndpoint({
    keeper: {
      accept: notAsked,
      accounts: { add: notAsked, list: notAsked, remove: notAsked, load: notAsked, find: () => read() },
      vault: { list: async () => (account ? [entry()] : []) } as unknown as Parameters<
        typeof createWebhookEndpoint
      >[0]["keeper"]["vault"],
    },
    clock,
    log: { info() {}, warn() {}, error() {} },
    port: 0,
    stopping: stopping.signal,
  });
  const read = async () => {
    const found = account;
    await reading;
    return found;
  };
  return {
    endpoint,
    write(next: AccountProfile | undefined) {
      account = next;
      writtenAt += 1;
    },
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
    it.write(undefined);
    await it.endpoint.refresh();
    expect(await statusOf(it.endpoint, second)).toBe(404);
  });
});
