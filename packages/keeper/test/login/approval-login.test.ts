import { createServer } from "node:http";
import { inspect } from "node:util";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { acceptToken } from "../../src/accept-token.ts";
import type { AccountProfile, Session } from "../../src/account.ts";
import { accountEntry, writeAccountRecord } from "../../src/account-record.ts";
import { approvalLogin } from "../../src/login/approval-login.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { NOTIFIER_PATH, notifierPath } from "../../src/login/notifier-address.ts";
import { readPending } from "../../src/login/pending-approval.ts";
import { takeNotification } from "../../src/login/take-notification.ts";
import { openWebhookReceiver } from "../../src/login/webhook-receiver.ts";
import { Secret } from "../../src/secret.ts";
import { decide } from "./_approve.ts";
import { type Bench, freePort, occupy, openBench } from "./_bench.ts";
import { isClosed, send } from "./_http.ts";
import { TestPerson } from "./_test-person.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");
const TEN_MINUTES = 600_000;

let now: number;
let port: number;
let bench: Bench;
let broker: TestBroker;
let profile: AccountProfile;
let person: TestPerson;

beforeEach(async () => {
  now = MORNING;
  port = await freePort();
  person = new TestPerson();
  const app = {
    broker: "upstox",
    way: "approval",
    clientId: "to-be-replaced",
    clientSecret: "to-be-replaced",
  } as const;
  bench = await openBench({ account: app, now: () => now });
  const notifierUrl = `http://127.0.0.1:${port}${notifierPath(bench.profile.notifierKey ?? new Secret(""))}`;
  broker = await startBroker({ notifierUrl, customers: 2 });
  broker.clock.freeze(MORNING);
  const { clientId, clientSecret } = broker.upstox.app;
  profile = { ...bench.profile, clientId, clientSecret: new Secret(clientSecret), host: broker.url, userId: ownerId() };
  await bench.vault.write(accountEntry(profile), writeAccountRecord(profile));
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
  await broker.close();
});

function ownerId(): string {
  return broker.upstox.customers[0]?.userId ?? "";
}

function start(changes?: Partial<LoginRequest>): Promise<Session> {
  const login = approvalLogin(bench.request(person, { profile, webhookPort: port, ...changes }));
  login.catch(() => {});
  return login;
}

function advance(seconds: number): void {
  now += seconds * 1000;
  broker.clock.freeze(now);
}

const receiverUrl = () => `http://127.0.0.1:${port}${notifierPath(profile.notifierKey ?? new Secret(""))}`;
const post = (body: object) => send(receiverUrl(), { method: "POST", body: JSON.stringify(body) });

/** A real token of a customer for our app, as somebody could have obtained it elsewhere. */
async function tokenOf(customer = broker.upstox.customers[0]): Promise<string> {
  const { app } = broker.upstox;
  const { code = "" } = await broker.login("upstox", customer ? { customer } : {});
  const answer = await fetch(`${broker.url}/v2/login/authorization/token`, {
    method: "POST",
    body: new URLSearchParams({
      code,
      client_id: app.clientId,
      client_secret: app.clientSecret,
      redirect_uri: app.redirectUri,
      grant_type: "authorization_code",
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** What the broker would post. */
function message(token: string, changes: Readonly<Record<string, string>> = {}) {
  return {
    client_id: profile.clientId,
    user_id: ownerId(),
    access_token: token,
    token_type: "Bearer",
    expires_at: String(Date.parse("2026-11-26T03:30:00+05:30")),
    issued_at: String(now),
    message_type: "access_token",
    ...changes,
  };
}

const profileCalls = () => broker.requests().filter(({ path }) => path.endsWith("/user/profile")).length;
/** Reads the vault a few times: what a message set off has run by then, if it was going to do anything. */
async function nothingHappens(): Promise<void> {
  for (let round = 0; round < 5; round++) expect(await bench.storedSession()).toBeUndefined();
}

describe("a login that is approved on the phone", () => {
  it("brings back the session that the webhook brought, proven and stored", async () => {
    const login = start();
    const asked = await person.asked;
    expect(asked).toMatchObject({
      id: { broker: "upstox", account: "default" },
      title: "Upstox",
      notifierUrl: `http://127.0.0.1:${port}${NOTIFIER_PATH}…`,
      warning: undefined,
      endsAt: MORNING + TEN_MINUTES,
    });
    await decide(broker, "approve");
    const session = await login;
    expect(session).toMatchObject({ userId: ownerId(), userName: "Demo Customer 1", obtainedBy: "approval" });
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    expect(await readPending(bench.vault, profile)).toBeUndefined();
    expect(await isClosed(receiverUrl())).toBe(true);
    expect(bench.timers.waiting).toEqual([]);
  });

  it("shows the number to compare when the broker asks for one (D6)", async () => {
    const strict = await startBroker({ notifierUrl: receiverUrl(), settings: { KUNJI_PUSH_NUMBER_MATCH: true } });
    strict.clock.freeze(MORNING);
    const { clientId, clientSecret } = strict.upstox.app;
    const stop = new AbortController();
    const login = start({
      profile: { ...profile, clientId, clientSecret: new Secret(clientSecret), host: strict.url },
      signal: stop.signal,
    });
    expect((await person.asked).matchNumber).toMatch(/^\d\d$/);
    stop.abort();
    await expect(login).rejects.toBe(stop.signal.reason);
    await strict.close();
  });

  it("ends when nobody approves: a rejection is the same silence", async () => {
    const login = start();
    await person.asked;
    await decide(broker, "deny");
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toMatchObject({
      code: "LOGIN_TIMEOUT",
      message: expect.stringContaining("or it was rejected"),
      nextStep: expect.stringContaining("03:30 IST"),
    });
    expect(await isClosed(receiverUrl())).toBe(true);
  });

  it("ends with the request when that is sooner", async () => {
    now = Date.parse("2026-11-25T03:28:00+05:30");
    broker.clock.freeze(now);
    const login = start();
    expect((await person.asked).endsAt).toBe(Date.parse("2026-11-25T03:30:00+05:30"));
    now += 120_000;
    bench.timers.fire(120_000);
    await expect(login).rejects.toMatchObject({
      code: "LOGIN_TIMEOUT",
      message: expect.stringContaining("lapsed at 03:30 IST"),
    });
  });

  it("ends when the caller says so", async () => {
    const stop = new AbortController();
    const login = start({ signal: stop.signal });
    await person.asked;
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(login).rejects.toBe(reason);
    expect(await isClosed(receiverUrl())).toBe(true);
  });

  it("warns when the broker posts somewhere else", async () => {
    const elsewhere = await startBroker({ notifierUrl: `http://127.0.0.1:${port}/somewhere/else` });
    elsewhere.clock.freeze(MORNING);
    const { clientId, clientSecret } = elsewhere.upstox.app;
    const login = start({
      profile: { ...profile, clientId, clientSecret: new Secret(clientSecret), host: elsewhere.url },
    });
    expect((await person.asked).warning).toContain("does not end in this account's key");
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toHaveProperty(
      "nextStep",
      expect.stringContaining("does not end in this account's key"),
    );
    await elsewhere.close();
  });

  it("says what is wrong when the broker refuses the request", async () => {
    const login = start({ profile: { ...profile, clientSecret: new Secret("wrong-secret-canary") } });
    await expect(login).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    expect(inspect(await login.catch((error: unknown) => error), { depth: 10 })).not.toContain("canary");
    expect(await isClosed(receiverUrl())).toBe(true);
  });

  it("needs somebody to ask, and a key", async () => {
    await expect(approvalLogin(bench.request(undefined, { profile }))).rejects.toMatchObject({
      code: "LOGIN_REQUIRED",
    });
    await expect(start({ profile: { ...profile, notifierKey: undefined } })).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("the port of the webhook receiver", () => {
  it("is a clear failure when a stranger has it; nothing is asked for then", async () => {
    await using _other = await occupy(port);
    await expect(start()).rejects.toMatchObject({ code: "PORT_TAKEN", message: expect.stringContaining(String(port)) });
    expect(await readPending(bench.vault, profile)).toBeUndefined();
    expect(await broker.inbox()).toEqual([]);
  });

  it("may be in the hands of a keeper that shares the vault: the session is then waited for", async () => {
    const keep = await openWebhookReceiver({ port, now: () => now });
    const { signal } = new AbortController();
    const accept: LoginRequest["accept"] = (token) =>
      acceptToken({ ...bench, now: () => now }, profile, token, { obtainedBy: "approval", signal });
    keep.add(profile.notifierKey ?? new Secret(""), (body) => {
      void takeNotification(body, { ...bench, profile, accept, now: () => now, signal });
    });
    const login = start();
    await person.asked;
    await decide(broker, "approve");
    expect((await login).userName).toBe("Demo Customer 1");
    keep.close();
  });
});

describe("messages that change nothing", () => {
  it.each<[string, number, (token: string) => object]>([
    ["something else than a token", 0, () => ({ message_type: "order_update" })],
    ["a token nobody issued (S-82)", 1, () => message("junk-token-junk-token")],
    ["another app's (S-81)", 0, (token) => message(token, { client_id: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa" })],
    ["another user's (S-81)", 0, (token) => message(token, { user_id: broker.upstox.customers[1]?.userId ?? "" })],
    ["made long before it was asked for (S-81)", 0, (token) => message(token, { issued_at: String(now - 3_600_000) })],
  ])("%s, of which the broker is asked %d times", async (_, proofs, forge) => {
    const token = await tokenOf();
    const login = start();
    await person.asked;
    expect((await post(forge(token))).status).toBe(200);
    await nothingHappens();
    await decide(broker, "approve");
    const session = await login;
    expect(session.accessToken.reveal()).not.toBe(token);
    expect(profileCalls()).toBe(proofs + 1);
  });

  it("a stranger's token that is valid, under our user's name (S-82)", async () => {
    const token = await tokenOf(broker.upstox.customers[1]);
    const login = start();
    await person.asked;
    await post(message(token));
    await expect.poll(profileCalls).toBeGreaterThan(0);
    await nothingHappens();
    await decide(broker, "approve");
    expect((await login).userId).toBe(ownerId());
  });

  it("one that nobody asked for, on the path of a keeper that listens (S-81)", async () => {
    const { signal } = new AbortController();
    const accept = () => Promise.reject(new Error("must not be asked"));
    const deps = { ...bench, profile, accept, now: () => now, signal };
    expect(await takeNotification(message(await tokenOf()), deps)).toBeUndefined();
  });

  it("one for a request that has lapsed (S-81)", async () => {
    const login = start();
    await person.asked;
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_TIMEOUT" });
    advance(24 * 3600);
    const { signal } = new AbortController();
    const accept = () => Promise.reject(new Error("must not be asked"));
    const late = message(await tokenOf(), { expires_at: String(Date.parse("2026-11-27T03:30:00+05:30")) });
    expect(await takeNotification(late, { ...bench, profile, accept, now: () => now, signal })).toBeUndefined();
  });

  it("a repeat of the message that was taken (S-83)", async () => {
    const bodies: unknown[] = [];
    const keep = await openWebhookReceiver({ port, now: () => now });
    const { signal } = new AbortController();
    const accept: LoginRequest["accept"] = (token) =>
      acceptToken({ ...bench, now: () => now }, profile, token, { obtainedBy: "approval", signal });
    const deps = { ...bench, profile, accept, now: () => now, signal };
    keep.add(profile.notifierKey ?? new Secret(""), (body) => {
      bodies.push(body);
      void takeNotification(body, deps);
    });
    const login = start();
    await person.asked;
    await decide(broker, "approve");
    const session = await login;
    const revision = await bench.vault.revision({ broker: "upstox", account: "default", kind: "session" });
    expect(await takeNotification(bodies[0], deps)).toBeUndefined();
    expect(await bench.vault.revision({ broker: "upstox", account: "default", kind: "session" })).toBe(revision);
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    keep.close();
  });

  it("an older token while a newer one is proven and stored (S-83)", async () => {
    const older = await tokenOf();
    const olderMessage = message(older);
    advance(60);
    const login = start();
    await person.asked;
    await decide(broker, "approve");
    const session = await login;
    // Asked again, so that a request is open.
    const second = start();
    await expect.poll(async () => (await broker.inbox()).filter(({ kind }) => kind === "push").length).toBe(2);
    await post(olderMessage);
    await expect.poll(profileCalls).toBe(2);
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    await decide(broker, "approve");
    await second;
  });
});

describe("a token that cannot be proven now", () => {
  it("is asked about again: the broker will not send it twice", async () => {
    broker.faults.inject({ route: "/v2/user/profile", status: 502, times: 2 });
    const login = start();
    await person.asked;
    await decide(broker, "approve");
    for (const wait of [1_000, 3_000]) {
      await expect.poll(() => bench.timers.waiting).toContain(wait);
      bench.timers.fire(wait);
    }
    expect((await login).userName).toBe("Demo Customer 1");
  });
});

describe("what a late or lost message meets", () => {
  it("a keeper that listens all the time: the token counts, once, although nobody waits any more", async () => {
    const login = start();
    await person.asked;
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_TIMEOUT" });
    const { signal } = new AbortController();
    const accept: LoginRequest["accept"] = (token) =>
      acceptToken({ ...bench, now: () => now }, profile, token, { obtainedBy: "approval", signal });
    const deps = { ...bench, profile, accept, now: () => now, signal };
    const late = message(await tokenOf());
    expect((await takeNotification(late, deps))?.userId).toBe(ownerId());
    expect(await readPending(bench.vault, profile)).toBeUndefined();
    expect(await takeNotification(late, deps)).toBeUndefined();
  });

  it("an approval of the first try counts for the second: the broker took both for one request", async () => {
    const first = start();
    await person.asked;
    bench.timers.fire(TEN_MINUTES);
    await expect(first).rejects.toMatchObject({ code: "LOGIN_TIMEOUT" });
    // Approved while nobody listened; the broker's own retry finds the second try.
    await decide(broker, "approve");
    advance(1_200);
    person = new TestPerson();
    const second = start();
    await person.asked;
    const pending = await readPending(bench.vault, profile);
    expect(pending?.requestedAt).toBe(MORNING / 1000);
    await broker.settled();
    const token = await tokenOf();
    await post(message(token, { issued_at: String(MORNING + TEN_MINUTES) }));
    expect((await second).accessToken.reveal()).toBe(token);
  });
});

describe("secrets", () => {
  it("stay out of what the person is shown and of what is printed (S-73, S-80)", async () => {
    const spies = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
    const login = start();
    const asked = await person.asked;
    await post(message("canary-token-canary-token"));
    await decide(broker, "approve");
    const session = await login;
    const printed = spies.flatMap((spy) => spy.mock.calls.map(([chunk]) => String(chunk)));
    for (const spy of spies) spy.mockRestore();
    const shown = JSON.stringify(asked) + printed.join() + inspect(session, { depth: 5 }) + JSON.stringify(session);
    const key = profile.notifierKey?.reveal() ?? "";
    for (const secret of [key, "canary", session.accessToken.reveal()]) expect(shown).not.toContain(secret);
  });
});

describe("a stranger's server on the port", () => {
  it("is not taken for a keeper because it answers everything with 200", async () => {
    const stranger = createServer((_, response) => response.end("ok"));
    await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
    await expect(start()).rejects.toMatchObject({ code: "PORT_TAKEN" });
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  });
});
