import type { TestBroker } from "@kunji/broker/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccountProfile } from "../../src/account.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { readPending, writePending } from "../../src/login/pending-approval.ts";
import { takeNotification } from "../../src/login/take-notification.ts";
import { type ApprovalDesk, MORNING, openApprovalDesk, TEN_MINUTES } from "./_approval-desk.ts";
import { decide } from "./_approve.ts";
import type { Bench } from "./_bench.ts";
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
const neverAsked = () => Promise.reject(new Error("the broker must not be asked"));

/** Reads the vault a few times: what a message set off has run by then, if it was going to do anything. */
async function nothingHappens(): Promise<void> {
  for (let round = 0; round < 5; round++) expect(await bench.storedSession()).toBeUndefined();
}

describe("messages that change nothing", () => {
  it.each<[string, number, (token: string) => object]>([
    ["something else than a token", 0, () => ({ message_type: "order_update" })],
    ["a token nobody issued (S-82)", 1, () => desk.message("junk-token-junk-token")],
    ["another app's (S-81)", 0, (token) => desk.message(token, { client_id: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa" })],
    ["another user's (S-81)", 0, (token) => desk.message(token, { user_id: broker.upstox.customers[1]?.userId ?? "" })],
    [
      "made long before it was asked for (S-81)",
      0,
      (token) => desk.message(token, { issued_at: String(desk.now - 3_600_000) }),
    ],
  ])("%s, of which the broker is asked %d times", async (_, proofs, forge) => {
    const token = await desk.tokenOf();
    const login = logIn();
    await person.asked;
    expect((await desk.post(forge(token))).status).toBe(200);
    await nothingHappens();
    await decide(broker, "approve");
    const session = await login;
    expect(session.accessToken.reveal()).not.toBe(token);
    expect(desk.profileCalls()).toBe(proofs + 1);
  });

  it("a stranger's token that is valid, under our user's name (S-82)", async () => {
    const token = await desk.tokenOf(broker.upstox.customers[1]);
    const login = logIn();
    await person.asked;
    await desk.post(desk.message(token));
    await expect.poll(() => desk.profileCalls()).toBeGreaterThan(0);
    await nothingHappens();
    await decide(broker, "approve");
    expect((await login).userId).toBe(desk.userId);
  });

  it("one that nobody asked for, on the path of a keeper that listens (S-81)", async () => {
    const deps = { ...desk.notificationDeps(), accept: neverAsked };
    expect(await takeNotification(desk.message(await desk.tokenOf()), deps)).toBeUndefined();
  });

  it("one for a request that another app of the account's sent (S-81)", async () => {
    const seconds = Math.floor(desk.now / 1000);
    const sent = { clientId: "another-app", requestedAt: seconds, expiresAt: seconds + 600, sentAt: [] };
    await writePending(bench.vault, profile, sent);
    const deps = { ...desk.notificationDeps(), accept: neverAsked };
    expect(await takeNotification(desk.message(await desk.tokenOf()), deps)).toBeUndefined();
  });

  it("one for a request that has lapsed (S-81)", async () => {
    const login = logIn();
    await person.asked;
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_TIMEOUT" });
    desk.advance(24 * 3600);
    const late = desk.message(await desk.tokenOf(), { expires_at: String(Date.parse("2026-11-27T03:30:00+05:30")) });
    expect(await takeNotification(late, { ...desk.notificationDeps(), accept: neverAsked })).toBeUndefined();
  });

  it("a repeat of the message that was taken (S-83)", async () => {
    const bodies: unknown[] = [];
    const deps = desk.notificationDeps();
    const keep = await desk.openReceiver((body) => {
      bodies.push(body);
      void takeNotification(body, deps);
    });
    const login = logIn();
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
    const older = await desk.tokenOf();
    const olderMessage = desk.message(older);
    desk.advance(60);
    const login = logIn();
    await person.asked;
    await decide(broker, "approve");
    const session = await login;
    // Asked again, so that a request is open.
    const second = logIn();
    await expect.poll(async () => (await broker.inbox()).filter(({ kind }) => kind === "push").length).toBe(2);
    await desk.post(olderMessage);
    await expect.poll(() => desk.profileCalls()).toBe(2);
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    await decide(broker, "approve");
    await second;
  });
});

describe("a token that cannot be proven now", () => {
  it("is asked about again: the broker will not send it twice", async () => {
    broker.faults.inject({ route: "/v2/user/profile", status: 502, times: 2 });
    const login = logIn();
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
    const login = logIn();
    await person.asked;
    bench.timers.fire(TEN_MINUTES);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_TIMEOUT" });
    const deps = desk.notificationDeps();
    const late = desk.message(await desk.tokenOf());
    expect((await takeNotification(late, deps))?.userId).toBe(desk.userId);
    expect(await readPending(bench.vault, profile)).toBeUndefined();
    expect(await takeNotification(late, deps)).toBeUndefined();
  });

  it("an approval of the first try counts for the second: the broker took both for one request", async () => {
    const first = logIn();
    await person.asked;
    bench.timers.fire(TEN_MINUTES);
    await expect(first).rejects.toMatchObject({ code: "LOGIN_TIMEOUT" });
    // Approved while nobody listened; the broker's own retry finds the second try.
    await decide(broker, "approve");
    desk.advance(1_200);
    person = new TestPerson();
    const second = logIn();
    await person.asked;
    const pending = await readPending(bench.vault, profile);
    expect(pending?.requestedAt).toBe(MORNING / 1000);
    await broker.settled();
    const token = await desk.tokenOf();
    await desk.post(desk.message(token, { issued_at: String(MORNING + TEN_MINUTES) }));
    expect((await second).accessToken.reveal()).toBe(token);
  });
});
