import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccount } from "../../src/admin/accounts.ts";
import {
  changeClient,
  createClient,
  listClients,
  type NewClientRequest,
  rotateClientSecret,
  showClient,
  switchClient,
} from "../../src/admin/clients.ts";
import { authenticateClient } from "../../src/grants/authenticate-client.ts";
import { setNotifierUrl } from "../../src/grants/manage-client.ts";
import { verifyAudit } from "../../src/store/audit.ts";
import { selectAll } from "../../src/store/verb.ts";
import { MORNING } from "../upstox/_api.ts";
import { eventsOf, openTestAdmin, type TestAdmin } from "./_admin.ts";

const HOUR = 3_600;
const CALLBACK = "https://desk.example.in/callback";
const desk: NewClientRequest = { broker: "upstox", name: "Desk", redirectUris: [CALLBACK] };

let opened: TestAdmin;
beforeEach(async () => {
  opened = await openTestAdmin();
});
afterEach(() => opened.admin[Symbol.asyncDispose]());

async function openOwner(broker = "upstox") {
  const userId = broker === "upstox" ? "KA1234" : "TJ12345";
  const secret = broker === "upstox" ? "246810" : "long enough";
  const person = { name: "Demo Owner", email: "owner@example.in", mobile: "9876543210" };
  return await createAccount(opened.parts, { broker, userId, secret, ...person });
}

const isSecret = async (clientId: string, clientSecret: string) =>
  (await authenticateClient(opened.parts, { clientId, clientSecret })).outcome === "authenticated";

describe("creating an app", () => {
  it("shows its secret once and keeps nothing that could show it again (S-20)", async () => {
    const created = await createClient(opened.parts, { ...desk, signWebhooks: true });
    expect(Buffer.from(created.clientSecret ?? "", "base64url")).toHaveLength(32);
    expect(created.webhookSecret).toMatch(/^whsec_/);
    expect(created.clientId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const { clientSecret, webhookSecret, ...view } = created;
    expect(await showClient(opened.parts, created.clientId)).toEqual(view);
    expect(view).toMatchObject({ status: "active", audience: "everyone", flows: ["authorization_code"], owner: null });
    expect(await isSecret(created.clientId, clientSecret ?? "")).toBe(true);
    const rows = await opened.parts.db.read(() => selectAll("SELECT * FROM clients"));
    const audit = await eventsOf(opened.parts);
    const stored = JSON.stringify([rows, audit], (_key, value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    );
    expect(stored).not.toContain(clientSecret);
    expect(stored).not.toContain(webhookSecret);
    expect(audit[0]).toMatchObject({ event: "client.registered", client_id: created.clientId });
  });

  it("of Tradejini has an API key of 32 hex digits, and may have addresses", async () => {
    const request = {
      broker: "tradejini",
      name: "Desk",
      redirectUris: [CALLBACK],
      staticIps: ["203.0.113.7", "2001:DB8::7"],
    };
    const created = await createClient(opened.parts, request);
    expect(created.clientId).toMatch(/^[0-9a-f]{32}$/);
    expect(created.staticIps).toEqual(["203.0.113.7", "2001:db8::7"]);
  });

  it("that logs its owner in directly has a key and no secret", async () => {
    await openOwner("tradejini");
    const created = await createClient(opened.parts, {
      broker: "tradejini",
      name: "My program",
      kind: "individual",
      owner: "TJ12345",
      flows: ["individual_token"],
      redirectUris: [],
    });
    expect(created).toMatchObject({ clientSecret: null, hasSecret: false, owner: "TJ12345", audience: "owner" });
    await expect(rotateClientSecret(opened.parts, created.clientId, 24)).rejects.toMatchObject({ code: "REFUSED" });
  });

  it.each<[string, Partial<NewClientRequest>, string]>([
    ["an unknown broker", { broker: "zerodha" }, "upstox, tradejini"],
    ["no name", { name: "" }, "name"],
    ["a name of two lines", { name: "a\nb" }, "name"],
    ["a name that turns what follows (S-56)", { name: "Desk\u202Eksed" }, "visible"],
    ["no redirect URI", { redirectUris: [] }, "redirect URI"],
    ["plain http", { redirectUris: ["http://desk.example.in/cb"] }, "http://desk.example.in/cb: A redirect URI starts"],
    ["a fragment", { redirectUris: [`${CALLBACK}#x`] }, "fragment"],
    ["a reserved query key", { redirectUris: [`${CALLBACK}?state=1`] }, "query"],
    ["eleven redirect URIs", { redirectUris: Array.from({ length: 11 }, (_, n) => `${CALLBACK}/${n}`) }, "at most 10"],
    ["a private notifier (S-64)", { notifierUrl: "https://10.0.0.1/hook" }, "public address"],
    ["a notifier on loopback", { notifierUrl: "http://127.0.0.1/hook" }, "this machine"],
    ["another broker's flow", { flows: ["order_connect"] }, "Apps of Upstox have"],
    ["no flow", { flows: [] }, "Apps of Upstox have"],
    ["an individual app of nobody", { kind: "individual" }, "--owner"],
    ["push approval of nobody", { flows: ["token_request"], notifierUrl: "https://desk.example.in/h" }, "--owner"],
    ["addresses where the broker has none", { staticIps: ["203.0.113.7"] }, "no static IPs"],
  ])("is refused with %s (S-03), and nothing is stored", async (_name, changes, words) => {
    const attempt = createClient(opened.parts, { ...desk, ...changes });
    await expect(attempt).rejects.toMatchObject({ name: "AdminError", code: "REFUSED" });
    await expect(attempt).rejects.toThrow(words);
    expect(await listClients(opened.parts)).toEqual([]);
    expect(await eventsOf(opened.parts)).toEqual([]);
  });

  it("is refused for an owner nobody knows", async () => {
    await expect(createClient(opened.parts, { ...desk, owner: "KA9999" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("rotating a secret (S-24)", () => {
  it("lets both count for as long as was asked, and no longer", async () => {
    const { clientId, clientSecret: first } = await createClient(opened.parts, desk);
    const { clientSecret: second, earlierSecretUntil } = await rotateClientSecret(opened.parts, clientId, 2);
    expect(second).not.toBe(first);
    expect(earlierSecretUntil).toBe(new Date(opened.clock.now() + 2 * HOUR * 1000).toISOString());
    opened.clock.advance(2 * HOUR - 1);
    expect([await isSecret(clientId, first ?? ""), await isSecret(clientId, second)]).toEqual([true, true]);
    opened.clock.advance(1);
    expect([await isSecret(clientId, first ?? ""), await isSecret(clientId, second)]).toEqual([false, true]);
    expect((await showClient(opened.parts, clientId)).earlierSecretUntil).toBeNull();
  });

  it("ends the earlier one at once with 0 hours, and the one before it in any case", async () => {
    const { clientId, clientSecret: first } = await createClient(opened.parts, desk);
    const { clientSecret: second } = await rotateClientSecret(opened.parts, clientId, 24);
    const { clientSecret: third } = await rotateClientSecret(opened.parts, clientId, 24);
    expect(await isSecret(clientId, first ?? "")).toBe(false);
    expect(await isSecret(clientId, second)).toBe(true);
    await rotateClientSecret(opened.parts, clientId, 0);
    expect([await isSecret(clientId, second), await isSecret(clientId, third)]).toEqual([false, false]);
  });

  it.each([-1, 24.01, 25, Number.NaN])("refuses to keep it for %d hours", async (hours) => {
    const { clientId } = await createClient(opened.parts, desk);
    await expect(rotateClientSecret(opened.parts, clientId, hours)).rejects.toThrow("0 to 24 hours");
  });
});

describe("changing an app", () => {
  it("replaces what is given and leaves the rest", async () => {
    await openOwner();
    const created = await createClient(opened.parts, { ...desk, owner: "KA1234" });
    const changed = await changeClient(opened.parts, created.clientId, {
      notifierUrl: "https://desk.example.in/hook",
      flows: ["authorization_code", "token_request"],
      webhookSecret: "new",
    });
    expect(changed).toMatchObject({ redirectUris: [CALLBACK], signsWebhooks: true });
    expect(changed.webhookSecret).toMatch(/^whsec_/);
    const ended = await changeClient(opened.parts, created.clientId, { webhookSecret: "none" });
    expect(ended).toMatchObject({
      signsWebhooks: false,
      webhookSecret: null,
      notifierUrl: "https://desk.example.in/hook",
    });
    const events = (await eventsOf(opened.parts)).map(({ event }) => event);
    expect(events).toContain("client.flows-changed");
    expect(events.filter((event) => event === "client.webhook-secret-changed")).toHaveLength(2);
  });

  it("makes all of the changes or none", async () => {
    const { clientId } = await createClient(opened.parts, desk);
    const before = await eventsOf(opened.parts);
    const change = changeClient(opened.parts, clientId, {
      redirectUris: ["https://other.example.in/cb"],
      notifierUrl: "https://192.168.1.1/",
    });
    await expect(change).rejects.toMatchObject({ code: "REFUSED" });
    expect((await showClient(opened.parts, clientId)).redirectUris).toEqual([CALLBACK]);
    expect(await eventsOf(opened.parts)).toEqual(before);
  });

  it("does not take from it what it needs", async () => {
    await openOwner();
    const notifierUrl = "https://desk.example.in/hook";
    const request = { ...desk, owner: "KA1234", flows: ["token_request"], notifierUrl } satisfies NewClientRequest;
    const { clientId } = await createClient(opened.parts, request);
    await expect(changeClient(opened.parts, clientId, { notifierUrl: null })).rejects.toThrow("--notifier-url");
    await expect(changeClient(opened.parts, clientId, { flows: ["individual_token"] })).rejects.toThrow("another app");
  });

  it("can be done when its owner took the notifier URL away", async () => {
    await openOwner();
    const notifierUrl = "https://desk.example.in/hook";
    const request = { ...desk, owner: "KA1234", flows: ["authorization_code", "token_request"], notifierUrl } as const;
    const { clientId } = await createClient(opened.parts, request);
    const change = { clientId, by: { kind: "owner", accountId: "upstox:KA1234" }, now: MORNING } as const;
    await opened.parts.db.write(() => setNotifierUrl(opened.parts, change, null, { allowLoopbackHttp: false }));
    const redirectUris = ["https://desk.example.in/other"];
    expect(await changeClient(opened.parts, clientId, { redirectUris })).toMatchObject({ redirectUris });
    await expect(changeClient(opened.parts, clientId, { flows: ["token_request"] })).rejects.toThrow("--notifier-url");
  });

  it("says so for an app nobody registered", async () => {
    for (const attempt of [
      () => showClient(opened.parts, "none"),
      () => changeClient(opened.parts, "none", {}),
      () => rotateClientSecret(opened.parts, "none", 1),
      () => switchClient(opened.parts, "none", "inactive"),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });

  it("switched off and on, keeps an audit row of each (S-98)", async () => {
    const { clientId } = await createClient(opened.parts, desk);
    expect((await switchClient(opened.parts, clientId, "inactive")).status).toBe("inactive");
    expect((await switchClient(opened.parts, clientId, "active")).status).toBe("active");
    const events = (await eventsOf(opened.parts)).filter(({ event }) => event === "client.status-changed");
    expect(events.map(({ detail }) => JSON.parse(detail))).toEqual([
      { by: "operator", status: "inactive" },
      { by: "operator", status: "active" },
    ]);
    expect((await opened.parts.db.read(() => verifyAudit(opened.parts.keys.audit))).outcome).toBe("whole");
  });
});
