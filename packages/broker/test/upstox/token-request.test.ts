import { upstoxErrors } from "@kunji/contract/upstox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ClientStatus, NewClient } from "../../src/store/clients.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import type { UpstoxDemoApp } from "../../src/upstox/demo-upstox.ts";
import { readProfile } from "../../src/upstox/profile-data.ts";
import { setAppStatus } from "../_app-status.ts";
import { ApprovalPage, askForToken, pushes } from "../approvals/_approval.ts";
import { accountIdOf, addClient, auditEvents, customer } from "../login/_people.ts";
import { replaceProfile } from "./_api.ts";

const NOTIFIER = "http://127.0.0.1:9/hooks/upstox-token";

let broker: TestBroker;
beforeEach(async () => {
  // Production's limit, which the test kit lifts otherwise.
  broker = await startBroker({ customers: 3, notifierUrl: NOTIFIER, settings: { KUNJI_TOKEN_REQUESTS_PER_HOUR: 5 } });
  broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
});
afterEach(() => broker.close());

const owned = (changes: Partial<NewClient> = {}): Promise<UpstoxDemoApp> =>
  addClient(broker.server.parts, { ownerAccount: accountIdOf(customer(broker, 1)), ...changes });

async function refusal(app: UpstoxDemoApp, body?: unknown) {
  const response = await askForToken(broker, app, body);
  const { errors } = (await response.json()) as {
    errors: { error_code: keyof typeof upstoxErrors; message: string }[];
  };
  const [entry] = errors;
  if (entry) expect(entry.message).toBe(upstoxErrors[entry.error_code].message);
  return { status: response.status, codes: errors.map(({ error_code }) => error_code) };
}

describe("POST /v3/login/auth/token/request/{client_id}", () => {
  it("answers with the expiry as text, the notifier URL, and tells the owner", async () => {
    const response = await askForToken(broker, broker.upstox.app);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.has("kunji-match-number")).toBe(false);
    expect(await response.text()).toBe(
      `{"status":"success","data":{"authorization_expiry":"1795644000000","notifier_url":"${NOTIFIER}"}}`,
    );
    const [push, ...more] = await pushes(broker);
    expect(more).toEqual([]);
    expect(push).toMatchObject({ to: customer(broker, 0).mobileNumber });
    expect(push?.text).toBe(
      `Demo Trading Desk asks for access to your Upstox account. Approve or reject it: ${push?.link}`,
    );
    expect(push?.link).toMatch(new RegExp(`^${broker.url}/approvals/[0-9a-f]{24}[A-Za-z0-9_-]{43}$`));
    expect(await auditEvents(broker.server.parts)).toEqual(["token-request.opened"]);
  });

  it.each([
    ["2026-11-24T20:00:00+05:30", "1795557600000"],
    ["2026-11-25T02:30:00+05:30", "1795557600000"],
    ["2026-11-25T03:29:59.999+05:30", "1795557600000"],
    ["2026-11-25T03:30:00+05:30", "1795644000000"],
    ["2026-12-31T23:59:00+05:30", "1798754400000"],
  ])("lapses at the next 03:30 IST: asked at %s", async (at, expiry) => {
    broker.clock.freeze(Date.parse(at));
    const response = await askForToken(broker, broker.upstox.app);
    expect(await response.json()).toMatchObject({ data: { authorization_expiry: expiry } });
  });

  it("accepts the extra fields of the vendor's OpenAPI", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const body = { client_secret: clientSecret, client_id: clientId, otp_verification_disabled: true };
    expect((await askForToken(broker, broker.upstox.app, body)).status).toBe(200);
  });

  it("answers the pending request again and notifies once, while it is pending (design.md section 7)", async () => {
    const first = await (await askForToken(broker, broker.upstox.app)).json();
    broker.clock.advance(3_600 * 12);
    expect(await (await askForToken(broker, broker.upstox.app)).json()).toEqual(first);
    const parallel = await Promise.all(Array.from({ length: 20 }, () => askForToken(broker, broker.upstox.app)));
    for (const response of parallel) expect(await response.json()).toEqual(first);
    expect(await pushes(broker)).toHaveLength(1);
  });

  it("opens one request when 20 ask at once", async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => askForToken(broker, broker.upstox.app)));
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await pushes(broker)).toHaveLength(1);
  });

  it("opens a new one, with its own message, once the last was decided or has lapsed", async () => {
    await askForToken(broker, broker.upstox.app);
    await (await ApprovalPage.open(broker)).reject();
    await askForToken(broker, broker.upstox.app);
    expect(await pushes(broker)).toHaveLength(2);
    broker.clock.freeze(1_795_644_000_000);
    const next = await askForToken(broker, broker.upstox.app);
    expect(await next.json()).toMatchObject({ data: { authorization_expiry: "1795730400000" } });
    expect(await pushes(broker)).toHaveLength(3);
  });

  it("is limited to five an hour for an account, over all its apps (S-52)", async () => {
    const apps = [broker.upstox.app];
    while (apps.length < 7) apps.push(await owned({ ownerAccount: accountIdOf(customer(broker, 0)) }));
    const statuses: number[] = [];
    for (const app of apps.slice(0, 6)) statuses.push((await askForToken(broker, app)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    broker.clock.advance(3_599);
    const early = await askForToken(broker, apps[6] as UpstoxDemoApp);
    expect([early.status, early.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await early.json()).toMatchObject({ errors: [{ error_code: "UDAPI10005" }] });
    expect((await askForToken(broker, apps[0] as UpstoxDemoApp)).status, "one that is pending").toBe(200);
    expect((await askForToken(broker, await owned())).status, "another account").toBe(200);
    broker.clock.advance(1);
    expect((await askForToken(broker, apps[6] as UpstoxDemoApp)).status).toBe(200);
  });
});

describe("POST /v3/login/auth/token/request/{client_id}: refusals (protocol/upstox.md 5.3)", () => {
  it.each([
    ["no secret", {}, "UDAPI1024"],
    ["an empty secret", { client_secret: "" }, "UDAPI1024"],
    ["a null secret", { client_secret: null }, "UDAPI1024"],
    ["a secret that is no text", { client_secret: 42 }, "UDAPI100038"],
    ["a list for a secret", { client_secret: ["x"] }, "UDAPI100038"],
    ["another client_id in the body", { client_secret: "x", client_id: "other" }, "UDAPI100038"],
  ] as const)("answers %s", async (_what, body, code) => {
    expect(await refusal(broker.upstox.app, body)).toEqual({ status: 400, codes: [code] });
  });

  it("answers an empty client_id with the code for it", async () => {
    const empty = { ...broker.upstox.app, clientId: "" };
    expect(await refusal(empty)).toEqual({ status: 400, codes: ["UDAPI1017"] });
  });

  it("answers a wrong secret and an unknown app alike", async () => {
    const wrong = { status: 401, codes: ["UDAPI100069"] };
    expect(await refusal(broker.upstox.app, { client_secret: "wrong" })).toEqual(wrong);
    expect(await refusal({ ...broker.upstox.app, clientId: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa" })).toEqual(wrong);
    expect(await refusal({ ...broker.upstox.app, clientId: "your client/id" })).toEqual(wrong);
  });

  it.each<[ClientStatus, number, string]>([
    ["inactive", 401, "UDAPI100073"],
    ["in-review", 400, "UDAPI1155"],
    ["rejected", 400, "UDAPI1155"],
    ["expired", 400, "UDAPI1157"],
  ])("answers an app that is %s, to who knows its secret", async (state, status, code) => {
    const app = await owned({ notifierUrl: null });
    await setAppStatus(broker, app.clientId, state);
    expect(await refusal(app)).toEqual({ status, codes: [code] });
    expect(await refusal(app, { client_secret: "wrong" })).toEqual({ status: 401, codes: ["UDAPI100069"] });
  });

  it("answers an app without a notifier URL", async () => {
    expect(await refusal(await owned({ notifierUrl: null, ownerAccount: null }))).toEqual({
      status: 400,
      codes: ["UDAPI1123"],
    });
  });

  it("answers an app that has no owner, or may not ask", async () => {
    const refused = { status: 400, codes: ["UDAPI1124"] };
    expect(await refusal(await owned({ ownerAccount: null }))).toEqual(refused);
    expect(await refusal(await owned({ flows: ["authorization_code"] }))).toEqual(refused);
    expect(await refusal(await owned({ ownerAccount: "upstox:NOBODY" }))).toEqual(refused);
  });

  it("answers an owner whose account is not an individual's", async () => {
    const { parts } = broker.server;
    const accountId = accountIdOf(customer(broker, 1));
    const [row] = await parts.db.read(() =>
      selectAll<{ profile: string }>("SELECT profile FROM accounts WHERE account_id = ?", accountId),
    );
    const profile = { ...readProfile(row?.profile ?? "{}"), user_type: "corporate" };
    await replaceProfile(broker, accountId, profile);
    expect(await refusal(await owned())).toEqual({ status: 400, codes: ["UDAPI1124"] });
  });

  it("changes nothing and tells nobody", async () => {
    await refusal(broker.upstox.app, { client_secret: "wrong" });
    await refusal(broker.upstox.app, {});
    expect(await broker.inbox()).toEqual([]);
    const rows = await broker.server.parts.db.read(() => selectAll("SELECT * FROM token_requests"));
    expect(rows).toEqual([]);
  });

  it("takes JSON only, and the secret never from the URL (S-22, S-104)", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const url = `${broker.url}/v3/login/auth/token/request/${clientId}`;
    const form = await fetch(url, { method: "POST", body: new URLSearchParams({ client_secret: clientSecret }) });
    expect(form.status).toBe(415);
    const query = await fetch(`${url}?client_secret=${clientSecret}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(query.status).toBe(400);
  });

  it("slows down a source that guesses secrets, for everybody's apps alike (S-23)", async () => {
    await using strict = await startBroker({ customers: 1, settings: { KUNJI_BAD_SECRETS_PER_ADDRESS: 3 } });
    strict.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
    const guess = async () => (await askForToken(strict, strict.upstox.app, { client_secret: "wrong" })).status;
    expect([await guess(), await guess(), await guess(), await guess()]).toEqual([401, 401, 401, 429]);
    strict.clock.advance(60);
    expect((await askForToken(strict, strict.upstox.app)).status).toBe(200);
  });
});
