import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifyAudit } from "../../src/store/audit.ts";
import { selectAll, selectOne } from "../../src/store/verb.ts";
import { csrfOf, Login, otherDigits, otpsSentTo } from "../login/_login.ts";
import { customer } from "../login/_people.ts";
import { codesOf, exchange, getProfile, issueCode, logOut, tokensOf } from "../upstox/_api.ts";
import { type Replicas, startReplicas } from "./_replicas.ts";

let replicas: Replicas;
beforeEach(async () => {
  replicas = await startReplicas();
});
afterEach(() => replicas[Symbol.asyncDispose]());

const parts = () => replicas.brokers[0].server.parts;

async function tokenOf(index: number): Promise<{ readonly access: string; readonly extended: string }> {
  return tokensOf(await exchange(replicas.direct(index), await issueCode(replicas.brokers[0])));
}

describe("codes", () => {
  it("are redeemed once when 100 exchanges come to both at once, and the replay ends the token (S-13, S-14)", async () => {
    const code = await issueCode(replicas.brokers[0]);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => exchange(replicas.direct(n), code)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(new Set(answers.filter((answer) => answer !== won[0]).flatMap(codesOf))).toEqual(new Set(["UDAPI100057"]));
    const token = won[0] && tokensOf(won[0]).access;
    for (const each of [0, 1]) expect((await getProfile(replicas.direct(each), token)).status).toBe(401);
    expect((await parts().db.read(() => verifyAudit(parts().keys.audit))).outcome).toBe("whole");
  });

  it.each([false, true])(
    "presented twice at the same moment end all they bought, the extended token too; newest login wins: %s (S-14, S-27)",
    async (wins) => {
      await using one = await startReplicas({ customers: 1, settings: { KUNJI_NEWEST_LOGIN_WINS: wins } });
      const code = await issueCode(one.brokers[0]);
      // Past the balancer, so that both are in one transaction when they come in one turn.
      const answers = await Promise.all([exchange(one.direct(0), code), exchange(one.direct(0), code)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      const { db } = one.brokers[0].server.parts;
      const live = await db.read(() => selectAll("SELECT kind FROM tokens WHERE revoked_at IS NULL"));
      expect(live).toEqual([]);
    },
  );

  it("of one person, exchanged at both at once, give one extended token (S-27)", async () => {
    const codes = await Promise.all(Array.from({ length: 16 }, () => issueCode(replicas.brokers[0])));
    const answers = await Promise.all(codes.map((code, n) => exchange(replicas.direct(n), code)));
    const extended = new Set(answers.map((answer) => tokensOf(answer).extended));
    expect(extended.size).toBe(1);
    const rows = await parts().db.read(() => selectAll("SELECT token_key FROM tokens WHERE kind = 'extended'"));
    expect(rows).toHaveLength(1);
  });
});

describe("a token", () => {
  it("that is ended at one is dead at both at once, for all of 200 calls (S-29)", async () => {
    const { access } = await tokenOf(0);
    for (const each of [0, 1]) expect((await getProfile(replicas.direct(each), access)).status).toBe(200);
    expect((await logOut(replicas.direct(1), access)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => getProfile(replicas.direct(n), access)));
    expect(answers.filter(({ status }) => status !== 401)).toEqual([]);
  });
});

describe("throttles and locks", () => {
  it("evaluate five of 100 wrong PINs that come to both at once, and lock the account (S-47, S-50)", async () => {
    const person = customer(replicas.place, 0);
    const logins: Login[] = [];
    for (let count = 0; count < 100; count++) logins.push(await (await Login.open(replicas.place)).toPin(person));
    const verifies = replicas.brokers.map((broker) => vi.spyOn(broker.server.parts.hasher, "verify"));
    const pin = otherDigits(person.pin);
    await Promise.all(logins.map((login) => login.browser.post(login.path, { csrf: csrfOf(login.page), pin })));
    const calls = verifies.flatMap((verify) => verify.mock.calls);
    expect(calls).toHaveLength(100);
    expect(calls.filter(([stored]) => stored !== undefined)).toHaveLength(5);
    const row = await parts().db.read(() =>
      selectOne<{ locked_at: number | null }>("SELECT locked_at FROM accounts WHERE user_id = ?", person.userId),
    );
    expect(row?.locked_at).not.toBeNull();
  }, 120_000);

  it("count wrong codes of one source together: five are free, whoever takes them (S-49)", async () => {
    const person = customer(replicas.place, 0);
    const logins = await Promise.all(Array.from({ length: 20 }, () => Login.open(replicas.place)));
    for (const login of logins) await login.enterMobile(person);
    await Promise.all(logins.map((login) => login.submit({ otp: "000000" })));
    const waiting = logins.filter(({ notice }) => notice?.includes("too many wrong tries"));
    expect(waiting).toHaveLength(15);
  });
});

describe("messages", () => {
  it("to one number are three in ten minutes over both (S-44)", async () => {
    await using limited = await startReplicas({ customers: 1, settings: { KUNJI_OTP_PER_NUMBER: 3 } });
    const person = customer(limited.place, 0);
    const logins = await Promise.all(Array.from({ length: 10 }, () => Login.open(limited.place)));
    await Promise.all(logins.map((login) => login.enterMobile(person)));
    expect(await otpsSentTo(limited.place, person)).toHaveLength(3);
  });
});
