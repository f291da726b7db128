import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import {
  exchange,
  expectErrors,
  getFunds,
  getFundsV3,
  getIps,
  getProfile,
  getTokens,
  issueCode,
  logOut,
  MORNING,
  putIps,
  tokensOf,
} from "./_api.ts";

const DAY = 86_400;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

async function refresh(value: string): Promise<{ access: string; extended: string }> {
  return tokensOf(await exchange(broker, await issueCode(broker), { refresh_extended_token: value }));
}

describe("extended_token", () => {
  it("may read the profile, and nothing else: UDAPI100067", async () => {
    const { extended } = await getTokens(broker);
    expect((await getProfile(broker, extended)).status).toBe(200);
    for (const answer of [
      await getFunds(broker, extended),
      await getFundsV3(broker, extended),
      await logOut(broker, extended),
      await getIps(broker, extended),
      await putIps(broker, extended, { primary_ip: "203.0.113.7" }),
    ]) {
      expectErrors(answer, 403, ["UDAPI100067", null]);
    }
    expect((await getProfile(broker, extended)).status).toBe(200);
  });

  it("dies with a replayed code that made it, and not with one that only gave it again (S-14)", async () => {
    const first = await issueCode(broker);
    const { extended } = tokensOf(await exchange(broker, first));
    broker.clock.advance(1);
    const second = await issueCode(broker);
    expect(tokensOf(await exchange(broker, second)).extended).toBe(extended);
    broker.clock.advance(1);
    await exchange(broker, second);
    expect((await getProfile(broker, extended)).status).toBe(200);
    await exchange(broker, first);
    expect((await getProfile(broker, extended)).status).toBe(401);
  });

  it("stays the same over logins, also with refresh_extended_token=false", async () => {
    const first = await getTokens(broker);
    expect((await getTokens(broker)).extended).toBe(first.extended);
    expect((await refresh("false")).extended).toBe(first.extended);
  });

  it("is made anew with refresh_extended_token=true; the earlier one dies, access tokens live", async () => {
    const first = await getTokens(broker);
    const second = await refresh("true");
    expect(second.extended).not.toBe(first.extended);
    expectErrors(await getProfile(broker, first.extended), 401, "UDAPI100050");
    expect((await getProfile(broker, second.extended)).status).toBe(200);
    expect((await getProfile(broker, first.access)).status).toBe(200);
    expect((await getTokens(broker)).extended).toBe(second.extended);
  });

  it("is each person's own", async () => {
    const [one, two] = [await getTokens(broker), await getTokens(broker, { customer: 1 })];
    expect(one.extended).not.toBe(two.extended);
  });

  it("survives logout and the nightly end of the access token", async () => {
    const { access, extended } = await getTokens(broker);
    expect((await logOut(broker, access)).status).toBe(200);
    broker.clock.advance(DAY);
    expect((await getProfile(broker, extended)).status).toBe(200);
  });

  it("lives a year to the second, and a new one follows", async () => {
    const { extended } = await getTokens(broker);
    broker.clock.advance(365 * DAY - 1);
    expect((await getProfile(broker, extended)).status).toBe(200);
    broker.clock.advance(1);
    expectErrors(await getProfile(broker, extended), 401, "UDAPI100050");
    const next = await getTokens(broker);
    expect(next.extended).not.toBe(extended);
    expect((await getProfile(broker, next.extended)).status).toBe(200);
  });
});

describe("KUNJI_NEWEST_LOGIN_WINS", () => {
  it("ends the earlier access token of the same person and app, and no other", async () => {
    await using strict = await startBroker({ customers: 2, settings: { KUNJI_NEWEST_LOGIN_WINS: true } });
    strict.clock.freeze(MORNING);
    const first = await getTokens(strict);
    const neighbour = await getTokens(strict, { customer: 1 });
    const second = await getTokens(strict);
    expectErrors(await getProfile(strict, first.access), 401, "UDAPI100050");
    for (const token of [second.access, second.extended, neighbour.access]) {
      expect((await getProfile(strict, token)).status).toBe(200);
    }
  });
});
