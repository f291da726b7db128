import { inspect } from "node:util";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NewAccount } from "../../src/accounts.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { totpLogin } from "../../src/login/totp-login.ts";
import { readUsedStep, secondsToWait, stepAt } from "../../src/login/totp-step.ts";
import { Secret } from "../../src/secret.ts";
import { type Bench, freePort, openBench } from "./_bench.ts";

/** Ten seconds into a step. */
const MORNING = Date.parse("2026-11-25T09:05:10+05:30");

let now: number;
let broker: TestBroker;
let bench: Bench;

beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  await broker.reset();
  now = MORNING;
  broker.clock.freeze(MORNING);
  bench = await openBench({ account: account(), now: () => now });
});
afterEach(() => bench[Symbol.asyncDispose]());

function account(changes?: Partial<NewAccount>): NewAccount {
  const { clientId } = broker.tradejini.individualApp;
  const { password = "", totpSecret = "" } = broker.tradejini.customers[0] ?? {};
  return { broker: "tradejini", way: "totp", clientId, password, totpSecret, host: `${broker.url}/v2`, ...changes };
}

const logIn = (changes?: Partial<LoginRequest>) => totpLogin(bench.request(undefined, changes));
const attempts = () => broker.requests().filter(({ path }) => path.endsWith("/individual-token-v2"));

describe("a login with a stored TOTP seed", () => {
  it("asks nobody and brings back a proven, stored session", async () => {
    const session = await logIn();
    expect(session).toMatchObject({ userId: broker.tradejini.individualApp.clientCode, obtainedBy: "totp" });
    expect((await bench.storedSession())?.accessToken.reveal()).toBe(session.accessToken.reveal());
    expect(attempts()).toHaveLength(1);
  });

  it("never sends a second code of the same step: it waits for the next one (S-45)", async () => {
    await logIn();
    const second = logIn();
    await expect.poll(() => bench.timers.waiting).toEqual([20_000]);
    expect(attempts()).toHaveLength(1);
    now += 20_000;
    broker.clock.freeze(now);
    bench.timers.fire(20_000);
    await second;
    expect(attempts()).toHaveLength(2);
  });

  it("remembers a step whose answer was lost, and another process knows it too", async () => {
    broker.faults.inject({ route: "/v2/api-gw/oauth/individual-token-v2", drop: true, times: 1 });
    await expect(logIn()).rejects.toMatchObject({ code: "BROKER_UNREACHABLE" });
    expect(await readUsedStep(bench.vault, bench.profile)).toBe(stepAt(MORNING / 1000));
  });

  it("notes the attempt before it is sent: nobody may be left to do so afterwards", async () => {
    const sent: number[] = [];
    await logIn({ noteAttempt: async () => void sent.push(attempts().length) });
    expect(sent).toEqual([0]);
    expect(attempts()).toHaveLength(1);
  });

  it("tries once: a wrong password is not repeated", async () => {
    await bench.accounts.add({ ...account({ password: "wrong-password-canary" }), replace: true });
    const failure = await logIn().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "LOGIN_FAILED",
      nextStep: expect.stringMatching(/tried once and not again.*PIN or password, the TOTP secret/),
    });
    expect(attempts()).toHaveLength(1);
    expect(inspect(failure, { depth: 10 })).not.toContain("canary");
    expect(await bench.storedSession()).toBeUndefined();
  });

  it.each([-3 * 3600, 3 * 3600])(
    "makes the code by the broker's clock when this machine's is off by %d s (S-74)",
    async (offset) => {
      now = MORNING + offset * 1000;
      expect((await logIn()).clockOffset).toBe(-offset);
    },
  );

  it("logs in by this machine's clock when the broker does not say its own", async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}/v2`;
    expect(await logIn({ broker: { ...bench.broker, host: () => nowhere } })).toMatchObject({ obtainedBy: "totp" });
  });

  it("can be stopped while it waits for the next step", async () => {
    await logIn();
    const stop = new AbortController();
    const second = logIn({ signal: stop.signal });
    await expect.poll(() => bench.timers.waiting).toEqual([20_000]);
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(attempts()).toHaveLength(1);
    expect(bench.timers.waiting).toEqual([]);
  });

  it("needs the factors that the owner chose to store (S-78)", async () => {
    await expect(logIn({ factors: async () => undefined })).rejects.toMatchObject({ code: "LOGIN_REQUIRED" });
    expect(attempts()).toEqual([]);
  });

  it("says what is wrong with a seed that is none, and does not repeat it", async () => {
    const factors = async () => ({ password: new Secret("1234"), totpSecret: new Secret("not-base32-canary-0189!") });
    const failure = await logIn({ factors }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "USAGE" });
    expect(inspect(failure, { depth: 10 })).not.toContain("canary");
    expect(attempts()).toEqual([]);
  });
});

describe("when a code can be sent", () => {
  it.each([
    ["at once in a fresh step", 10, undefined, 0],
    ["in the next step when this one was used", 10, 0, 20],
    ["in the one after next when a code of the next was used ahead", 10, 1, 50],
    ["at once when the used step is over", 30, 0, 0],
    ["in the next step when this one is nearly over", 29, undefined, 1],
    ["at once when the noted step is from a clock that was wrong", 10, 1_000, 0],
  ])("%s", (_, seconds, used, wait) => {
    expect(secondsToWait(seconds, used)).toBe(wait);
  });
});
