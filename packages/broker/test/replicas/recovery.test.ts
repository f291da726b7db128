import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setAccountSecret } from "../../src/admin/accounts.ts";
import { createCookies } from "../../src/http/cookies.ts";
import { type Attempt, loadAttempt, readAttemptCookie } from "../../src/login/attempt.ts";
import { finishLogin } from "../../src/login/finish-login.ts";
import { setRecoveredPin } from "../../src/login/recover-pin.ts";
import { settingsTable } from "../../src/settings.ts";
import { lockNumber } from "../../src/store/postgres/group-locks.ts";
import { selectAll, selectOne, type Verb } from "../../src/store/verb.ts";
import { openSignIn } from "../console/_console.ts";
import { Login } from "../login/_login.ts";
import { accountIdOf, customer } from "../login/_people.ts";
import { exchange, expectErrors } from "../upstox/_api.ts";
import { type Replicas, startReplicas } from "./_replicas.ts";

const NEW_PIN = "918273";

let replicas: Replicas;
beforeEach(async () => {
  const { KUNJI_OTP_PER_NUMBER, KUNJI_OTP_PER_ADDRESS } = settingsTable;
  replicas = await startReplicas({
    settings: { KUNJI_OTP_PER_NUMBER: KUNJI_OTP_PER_NUMBER.max, KUNJI_OTP_PER_ADDRESS: KUNJI_OTP_PER_ADDRESS.max },
  });
});
afterEach(() => replicas[Symbol.asyncDispose]());

const partsOf = (index: 0 | 1) => replicas.brokers[index].server.parts;
const person = () => customer(replicas.place, 0);

/** Holds the end of the audit chain, so that transactions that leave audit rows stop right before their commit. */
async function holdAuditChain() {
  const client = new pg.Client(replicas.databaseUrl);
  client.on("error", () => {});
  await client.connect();
  await client.query("BEGIN");
  await client.query("SELECT pg_advisory_xact_lock($1)", [lockNumber("the end of the audit chain")]);
  return {
    /** Resolves when so many transactions of the database wait for a lock. */
    async waiting(count: number): Promise<void> {
      for (;;) {
        const { rows } = await client.query<{ n: number }>(
          `SELECT COUNT(DISTINCT pid)::int AS n FROM pg_locks WHERE NOT granted
             AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`,
        );
        if ((rows[0]?.n ?? 0) >= count) return;
      }
    },
    async [Symbol.asyncDispose]() {
      await client.end();
    },
  };
}

describe("a new PIN that is set while a login with the old one ends at the other replica (S-50)", () => {
  it("signs out the browser that was signed in at that moment", async () => {
    const login = await (await openSignIn(replicas.place)).toPin(person());
    await using chain = await holdAuditChain();
    const signedIn = login.submit({ pin: person().pin });
    await chain.waiting(1);
    const recovered = setAccountSecret(partsOf(1), { broker: "upstox", userId: person().userId }, NEW_PIN);
    await chain.waiting(2);
    await chain[Symbol.asyncDispose]();
    await Promise.all([signedIn, recovered]);
    expect(await partsOf(0).db.read(() => selectAll("SELECT session_key FROM browser_sessions"))).toEqual([]);
    expect(login.heading).toBe("Log in with your Upstox account");
  });

  it("voids the code that was issued at that moment", async () => {
    const login = await (await Login.open(replicas.place)).toPin(person());
    await using chain = await holdAuditChain();
    const finished = login.submit({ pin: person().pin });
    await chain.waiting(1);
    const recovered = setAccountSecret(partsOf(1), { broker: "upstox", userId: person().userId }, NEW_PIN);
    await chain.waiting(2);
    await chain[Symbol.asyncDispose]();
    await Promise.all([finished, recovered]);
    const code = login.callback.get("code") ?? "";
    expectErrors(await exchange(replicas.direct(1), code), 400, ["UDAPI100057", "code"]);
  });
});

/** A login as its own steps see it. */
async function attemptOf(login: Login): Promise<Attempt> {
  const now = partsOf(0).clock.now();
  const attempt = await partsOf(0).db.read(() =>
    loadAttempt("upstox", login.attempt, readAttemptCookie(login.cookie), now),
  );
  if (!attempt) throw new Error("no such login");
  return attempt;
}

async function toNewPin(): Promise<Login> {
  const login = await (await Login.open(replicas.place)).toPin(person());
  await login.submit({ decision: "forgot_pin" });
  await login.submit({ pan: person().pan });
  await login.enterOtp(person());
  expect(login.shown).toBe("new-pin");
  return login;
}

describe("a new PIN that is set in the very transaction in which a login with the old one ends (S-12)", () => {
  it("comes before it or after it: the login gets nothing that outlives the old PIN", async () => {
    const parts = partsOf(0);
    const context = { ...parts, cookies: createCookies({ issuer: replicas.url, prefix: "kunji-" }) };
    const accountId = accountIdOf(person());
    const pinHash = await parts.hasher.hash(NEW_PIN);
    for (let stepsLater = 0; stepsLater < 6; stepsLater++) {
      const ending = await attemptOf(await (await Login.open(replicas.place)).toPin(person()));
      const recovering = await attemptOf(await toNewPin());
      const now = parts.clock.now();
      const recover = function* (): Verb<boolean> {
        for (let step = 0; step < stepsLater; step++) yield* selectOne("SELECT 1 AS one");
        const recovered = { pinHash, newCookieDigest: Buffer.alloc(32), nextStep: "pin" } as const;
        return yield* setRecoveredPin(parts, recovering, recovered, now);
      };
      const [outcome, isRecovered] = await Promise.all([
        finishLogin(context, ending, accountId, now),
        parts.db.write(recover),
      ]);
      expect(isRecovered).toBe(true);
      if (outcome.outcome !== "to-app") continue;
      const answer = await exchange(replicas.direct(0), outcome.parameters.code ?? "");
      expectErrors(answer, 400, ["UDAPI100057", "code"]);
    }
  });
});
