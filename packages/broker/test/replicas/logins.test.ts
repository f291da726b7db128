import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "../../src/store/audit.ts";
import { selectAll } from "../../src/store/verb.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { Login, otherDigits } from "../login/_login.ts";
import { customer } from "../login/_people.ts";
import { equity, option } from "../tradejini/_baskets.ts";
import { Login as TradejiniLogin } from "../tradejini/_login.ts";
import { exchange, getProfile, tokensOf } from "../upstox/_api.ts";
import { startNotifier } from "../webhooks/_notifier.ts";
import { type Replicas, startReplicas } from "./_replicas.ts";

let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas({ customers: 6 });
});
afterAll(() => replicas[Symbol.asyncDispose]());

/** Runs it and expects that both replicas had their part in it. */
async function hopping<T>(steps: () => Promise<T>): Promise<T> {
  const before = [...replicas.taken];
  const result = await steps();
  const taken = replicas.taken.map((count, index) => count - (before[index] ?? 0));
  expect(Math.min(...taken)).toBeGreaterThan(1);
  return result;
}

describe("a login whose every request goes to another replica", () => {
  it("ends with a code that either redeems, and a token that both know", async () => {
    const person = customer(replicas.place, 0);
    for (const index of [0, 1]) {
      const login = await hopping(async () => (await Login.open(replicas.place, { state: "s" })).finish(person));
      expect([login.shown, login.callback.get("state")]).toEqual(["out", "s"]);
      const answer = await exchange(replicas.direct(index), login.callback.get("code") ?? "");
      expect(answer.status, answer.text).toBe(200);
      const { access } = tokensOf(answer);
      for (const each of [0, 1]) expect((await getProfile(replicas.direct(each), access)).status).toBe(200);
    }
  });

  it("takes a form once, whichever of them it is sent to", async () => {
    const login = await Login.open(replicas.place);
    await login.enterMobile(customer(replicas.place, 1));
    const stale = login.page;
    await login.submit({ otp: "000000" });
    await login.submit({ otp: "000000" }, {});
    login.page = stale;
    await login.submit({ otp: "000000" });
    expect(login.notice).toContain("sent before");
  });

  it("sets a new PIN, and the old one is worth nothing at either", async () => {
    const person = customer(replicas.place, 2);
    const newPin = otherDigits(person.pin);
    const login = await (await Login.open(replicas.place)).toPin(person);
    await hopping(() => login.recover(person, newPin));
    await login.submit({ pin: newPin });
    expect(login.shown).toBe("out");
    for (let n = 0; n < 2; n++) {
      const old = await (await Login.open(replicas.place)).finish(person);
      expect(old.shown).toBe("pin");
    }
  });

  it("places a basket once, and either shows the orders", async () => {
    const [, person] = replicas.place.tradejini.customers;
    if (!person) throw new RangeError("no such customer");
    const place = { ...replicas.brokers[0], url: replicas.url, inbox: replicas.place.inbox };
    const login = await TradejiniLogin.open(place, { orders: [equity, option] });
    await hopping(async () => {
      await login.toApproval(person);
      await login.submit({ decision: "approve" });
    });
    expect(login.callback.get("code")).toBeTruthy();
    const { db } = replicas.brokers[1].server.parts;
    const orders = await db.read(() => selectAll<{ line: number }>("SELECT line FROM orders ORDER BY line"));
    expect(orders.map(({ line }) => line)).toEqual([0, 1]);
  });
});

describe("a token request (S-52)", () => {
  it("asked for at both at once is one; approved over both, its token is delivered once", async () => {
    await using notifier = await startNotifier();
    await using own = await startReplicas({ customers: 1, notifierUrl: notifier.url });
    const { app } = own.place.upstox;
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => askForToken(own.direct(n), app)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const expiries = await Promise.all(answers.map(async (answer) => JSON.stringify(await answer.json())));
    expect(new Set(expiries).size).toBe(1);
    expect((await own.place.inbox()).filter(({ kind }) => kind === "push")).toHaveLength(1);

    const page = await ApprovalPage.open(own.place);
    await page.approve(customer(own.place, 0).pin);
    await Promise.all(own.brokers.map((broker) => broker.settled()));
    expect(notifier.received).toHaveLength(1);
    const { access_token: token } = JSON.parse(notifier.received[0]?.body ?? "{}") as { access_token: string };
    for (const each of [0, 1]) expect((await getProfile(own.direct(each), token)).status).toBe(200);
  });
});

it("all of it left one whole audit chain (S-99)", async () => {
  const { db, keys } = replicas.brokers[0].server.parts;
  expect((await db.read(() => verifyAudit(keys.audit))).outcome).toBe("whole");
});
