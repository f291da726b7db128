import { createServer } from "node:http";
import { inspect } from "node:util";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AccountProfile } from "../../src/account.ts";
import { approvalLogin } from "../../src/login/approval-login.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { NOTIFIER_PATH } from "../../src/login/notifier-address.ts";
import { readPending } from "../../src/login/pending-approval.ts";
import { takeNotification } from "../../src/login/take-notification.ts";
import { Secret } from "../../src/secret.ts";
import { type ApprovalDesk, MORNING, openApprovalDesk, TEN_MINUTES } from "./_approval-desk.ts";
import { decide } from "./_approve.ts";
import { type Bench, occupy } from "./_bench.ts";
import { isClosed } from "./_http.ts";
import { TestPerson } from "./_test-person.ts";

let desk: ApprovalDesk;
let bench: Bench;
let broker: TestBroker;
let profile: AccountProfile;
let person: TestPerson;

beforeEach(async () => {
  desk = await openApprovalDesk();
  ({ bench, broker, profile } = desk);
  person = new TestPerson();
});
afterEach(() => desk[Symbol.asyncDispose]());

const logIn = (changes?: Partial<LoginRequest>) => desk.start(person, changes);

describe("a login that is approved on the phone", () => {
  it("brings back the session that the webhook brought, proven and stored", async () => {
    const login = logIn();
    const asked = await person.asked;
    expect(asked).toMatchObject({
      id: { broker: "upstox", account: "default" },
      title: "Upstox",
      notifierUrl: `http://127.0.0.1:${desk.port}${NOTIFIER_PATH}…`,
      warning: undefined,
      endsAt: MORNING + TEN_MINUTES,
    });
    await decide(broker, "approve");
    const session = await login;
    expect(session).toMatchObject({ userId: desk.userId, userName: "Demo Customer 1", obtainedBy: "approval" });
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    expect(await readPending(bench.vault, profile)).toBeUndefined();
    expect(await isClosed(desk.receiverUrl)).toBe(true);
    expect(bench.timers.waiting).toEqual([]);
  });

  it("shows the number to compare when the broker asks for one (D6)", async () => {
    const strict = await startBroker({ notifierUrl: desk.receiverUrl, settings: { KUNJI_PUSH_NUMBER_MATCH: true } });
    strict.clock.freeze(MORNING);
    const { clientId, clientSecret } = strict.upstox.app;
    const stop = new AbortController();
    const login = logIn({
      profile: { ...profile, clientId, clientSecret: new Secret(clientSecret), host: strict.url },
      signal: stop.signal,
    });
    expect((await person.asked).matchNumber).toMatch(/^\d\d$/);
    stop.abort();
    await expect(login).rejects.toBe(stop.signal.reason);
    await strict.close();
  });

  it("ends when nobody approves: a rejection is the same silence", async () => {
    const login = logIn();
    await person.asked;
    await decide(broker, "deny");
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toMatchObject({
      code: "LOGIN_TIMEOUT",
      message: expect.stringContaining("or it was rejected"),
      nextStep: expect.stringContaining("03:30 IST"),
    });
    expect(await isClosed(desk.receiverUrl)).toBe(true);
  });

  it("leaves word in the vault of every request of the last hour, for whoever else would send one", async () => {
    const seconds = MORNING / 1000;
    for (const [minutes, sent] of [
      [0, [seconds]],
      [50, [seconds, seconds + 3_000]],
      [20, [seconds + 3_000, seconds + 4_200]],
    ] as const) {
      desk.advance(minutes * 60);
      const stop = new AbortController();
      const asked = new TestPerson();
      const login = desk.start(asked, { signal: stop.signal });
      await asked.asked;
      expect((await readPending(bench.vault, profile))?.sentAt).toEqual(sent);
      stop.abort(new Error("enough"));
      await expect(login).rejects.toThrow("enough");
    }
  });

  it("ends with the request when that is sooner", async () => {
    desk.advance((Date.parse("2026-11-25T03:28:00+05:30") - MORNING) / 1000);
    const login = logIn();
    expect((await person.asked).endsAt).toBe(Date.parse("2026-11-25T03:30:00+05:30"));
    desk.advance(120);
    bench.timers.fire(120_000);
    await expect(login).rejects.toMatchObject({
      code: "LOGIN_TIMEOUT",
      message: expect.stringContaining("lapsed at 03:30 IST"),
    });
  });

  it("ends when the caller says so", async () => {
    const stop = new AbortController();
    const login = logIn({ signal: stop.signal });
    await person.asked;
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(login).rejects.toBe(reason);
    expect(await isClosed(desk.receiverUrl)).toBe(true);
  });

  it("warns when the broker posts somewhere else", async () => {
    const elsewhere = await startBroker({ notifierUrl: `http://127.0.0.1:${desk.port}/somewhere/else` });
    elsewhere.clock.freeze(MORNING);
    const { clientId, clientSecret } = elsewhere.upstox.app;
    const login = logIn({
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
    const login = logIn({ profile: { ...profile, clientSecret: new Secret("wrong-secret-canary") } });
    await expect(login).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    expect(inspect(await login.catch((error: unknown) => error), { depth: 10 })).not.toContain("canary");
    expect(await isClosed(desk.receiverUrl)).toBe(true);
  });

  it("needs somebody to ask, and a key", async () => {
    await expect(approvalLogin(bench.request(undefined, { profile }))).rejects.toMatchObject({
      code: "LOGIN_REQUIRED",
    });
    await expect(logIn({ profile: { ...profile, notifierKey: undefined } })).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("the port of the webhook receiver", () => {
  it("is a clear failure when a stranger has it; nothing is asked for then", async () => {
    await using _other = await occupy(desk.port);
    await expect(logIn()).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining(String(desk.port)),
    });
    expect(await readPending(bench.vault, profile)).toBeUndefined();
    expect(await broker.inbox()).toEqual([]);
  });

  it("may be in the hands of a keeper that shares the vault: the session is then waited for", async () => {
    const keep = await desk.openReceiver((body) => {
      void takeNotification(body, desk.notificationDeps());
    });
    const login = logIn();
    await person.asked;
    await decide(broker, "approve");
    expect((await login).userName).toBe("Demo Customer 1");
    keep.close();
  });
});

describe("secrets", () => {
  it("stay out of what the person is shown and of what is printed (S-73, S-80)", async () => {
    const spies = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
    const login = logIn();
    const asked = await person.asked;
    await desk.post(desk.message("canary-token-canary-token"));
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
    await new Promise<void>((resolve) => stranger.listen(desk.port, "127.0.0.1", resolve));
    await expect(logIn()).rejects.toMatchObject({ code: "PORT_TAKEN" });
    stranger.closeAllConnections();
    await new Promise((resolve) => stranger.close(resolve));
  });
});
