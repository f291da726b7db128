import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { type Answer, expectErrors, getFunds, getProfile, getTokens, MORNING } from "./_api.ts";

const HALF_HOUR = 1800;

let broker: TestBroker;
/** Each test works in half an hour of its own, on a whole second. */
let start = MORNING;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(() => {
  start += HALF_HOUR * 1000;
  broker.clock.freeze(start);
});
afterAll(() => broker.close());

const times = (count: number, send: () => Promise<Answer>) => Promise.all(Array.from({ length: count }, send));
const passed = (answers: Answer[]) => answers.filter((answer) => answer.status === 200).length;

describe("rate limits, per API and user (protocol/upstox.md 12)", () => {
  it("50 a second; the 51st is UDAPI10005 to the byte, and the next second has room again", async () => {
    const { access } = await getTokens(broker);
    const answers = await times(60, () => getProfile(broker, access));
    expect(passed(answers)).toBe(50);
    const refused = answers.find((answer) => answer.status !== 200);
    if (!refused) throw new Error("nothing was refused");
    expectErrors(refused, 429, ["UDAPI10005", null]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.text).toBe(
      '{"status":"error","errors":[{"errorCode":"UDAPI10005","message":"Too Many Request Sent","propertyPath":null,"invalidValue":null,"error_code":"UDAPI10005","property_path":null,"invalid_value":null}]}',
    );
    broker.clock.advance(1);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("50 in a second that begins anywhere", async () => {
    const { access } = await getTokens(broker);
    broker.clock.advance(0.95);
    expect(passed(await times(30, () => getProfile(broker, access)))).toBe(30);
    broker.clock.advance(0.1);
    expect(passed(await times(30, () => getProfile(broker, access)))).toBe(20);
  });

  it("is shared by all tokens of a user, and not by users or APIs", async () => {
    const [one, again, other] = [
      await getTokens(broker),
      await getTokens(broker),
      await getTokens(broker, { customer: 1 }),
    ];
    expect(passed(await times(50, () => getProfile(broker, one.access)))).toBe(50);
    expectErrors(await getProfile(broker, again.access), 429, "UDAPI10005");
    expectErrors(await getProfile(broker, again.extended), 429, "UDAPI10005");
    expect((await getProfile(broker, other.access)).status).toBe(200);
    expect((await getFunds(broker, one.access)).status).toBe(200);
  });

  it("a bad token uses up nobody's quota", async () => {
    const { access } = await getTokens(broker);
    await times(60, () => getProfile(broker, `${access.slice(0, -2)}AA`));
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("500 a minute", async () => {
    const { access } = await getTokens(broker);
    for (let second = 0; second < 10; second++) {
      expect(passed(await times(50, () => getProfile(broker, access)))).toBe(50);
      broker.clock.advance(1);
    }
    const refused = await getProfile(broker, access);
    expectErrors(refused, 429, "UDAPI10005");
    expect(refused.headers.get("retry-after")).toBe("50");
    broker.clock.advance(50);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("2000 in half an hour", async () => {
    const { access } = await getTokens(broker);
    for (let minute = 0; minute < 4; minute++) {
      for (let second = 0; second < 10; second++) {
        expect(passed(await times(50, () => getProfile(broker, access)))).toBe(50);
        broker.clock.advance(1);
      }
      broker.clock.advance(50);
    }
    const refused = await getProfile(broker, access);
    expectErrors(refused, 429, "UDAPI10005");
    expect(refused.headers.get("retry-after")).toBe(String(26 * 60));
    broker.clock.advance(26 * 60);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("are full again after a reset", async () => {
    const { access } = await getTokens(broker);
    await times(60, () => getProfile(broker, access));
    await broker.reset();
    broker.clock.freeze(start);
    const { access: next } = await getTokens(broker);
    expect(passed(await times(60, () => getProfile(broker, next)))).toBe(50);
  });

  it("are settings", async () => {
    await using strict = await startBroker({ customers: 1, settings: { KUNJI_RATE_PER_SECOND: 2 } });
    strict.clock.freeze(MORNING);
    const { access } = await getTokens(strict);
    expect(passed(await times(5, () => getProfile(strict, access)))).toBe(2);
  });
});
