import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { execute, type Verb } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { setAppStatus } from "../_app-status.ts";
import { accountIdOf, call, expectErrors, getIps, getProfile, getTokens, MORNING, putIps } from "./_api.ts";

const IP = "203.0.113.7";
const OTHER = "198.51.100.9";
const WEEK = 7 * 86_400;

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

const dataOf = (answer: { json: unknown }) => (answer.json as { data: Record<string, unknown> }).data;
const put = async (body: object) => putIps(broker, (await getTokens(broker)).access, body);
const changeApp = (text: string, value: string) =>
  broker.server.parts.db.write(() =>
    execute(`UPDATE clients SET ${text} WHERE client_id = ?`, value, broker.upstox.app.clientId),
  );

describe("GET and PUT /v2/user/ip", () => {
  it("are empty at first, then what was put, with the time in IST", async () => {
    const user_id = broker.upstox.customers[0]?.userId;
    const { access } = await getTokens(broker);
    expect(dataOf(await getIps(broker, access))).toEqual({
      user_id,
      primary_ip: null,
      secondary_ip: null,
      primary_ip_updated_at: null,
      secondary_ip_updated_at: null,
    });
    const stored = {
      user_id,
      primary_ip: IP,
      secondary_ip: OTHER,
      primary_ip_updated_at: "2026-11-25 09:05:00",
      secondary_ip_updated_at: "2026-11-25 09:05:00",
    };
    const answer = await putIps(broker, access, { primary_ip: IP, secondary_ip: OTHER });
    expect([answer.status, answer.json]).toEqual([
      200,
      { status: "success", data: { ...stored, access_tokens_invalidated: true } },
    ]);
    const next = await getTokens(broker);
    expect(dataOf(await getIps(broker, next.access))).toEqual(stored);
  });

  it("a change ends every access token of the person, not extended tokens and not other people's", async () => {
    const [one, two, neighbour] = [
      await getTokens(broker),
      await getTokens(broker),
      await getTokens(broker, { customer: 1 }),
    ];
    expect((await putIps(broker, one.access, { primary_ip: IP })).status).toBe(200);
    expectErrors(await getProfile(broker, one.access), 401, "UDAPI100050");
    expectErrors(await getProfile(broker, two.access), 401, "UDAPI100050");
    expect((await getProfile(broker, one.extended)).status).toBe(200);
    expect((await getProfile(broker, neighbour.access)).status).toBe(200);
    expect((await getTokens(broker)).extended).toBe(one.extended);
  });

  it.each([
    ["snake_case", { primary_ip: IP, secondary_ip: OTHER }],
    ["camelCase, as the JS SDK sends its model", { primaryIp: IP, secondaryIp: OTHER }],
    ["both, when they agree", { primary_ip: IP, primaryIp: IP, secondaryIp: OTHER }],
  ])("reads %s", async (_name, body) => {
    expect(dataOf(await put(body))).toMatchObject({ primary_ip: IP, secondary_ip: OTHER });
  });

  it.each([
    ["IPv4", "8.8.8.8", "8.8.8.8"],
    ["IPv6", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["IPv4 within IPv6", "::ffff:8.8.8.8", "8.8.8.8"],
  ])("keeps one spelling: %s", async (_name, given, kept) => {
    expect(dataOf(await put({ primary_ip: given }))).toMatchObject({ primary_ip: kept, secondary_ip: null });
  });

  it("null and empty count as left out", async () => {
    expect(dataOf(await put({ primary_ip: IP, secondary_ip: null }))).toMatchObject({ secondary_ip: null });
    expectErrors(await putIps(broker, (await getTokens(broker)).access, { primary_ip: "" }), 400, "UDAPI1182");
  });
});

describe("PUT /v2/user/ip: the weekly rule (Monday to Sunday, IST)", () => {
  it.each([
    ["2026-11-25T09:05:00+05:30", "2026-11-29T23:59:59.999+05:30", false],
    ["2026-11-25T09:05:00+05:30", "2026-11-30T00:00:00+05:30", true],
    ["2026-11-29T23:59:59+05:30", "2026-11-30T00:00:00+05:30", true],
    ["2026-11-30T00:00:00+05:30", "2026-12-06T23:59:59+05:30", false],
    ["2026-12-31T12:00:00+05:30", "2027-01-03T12:00:00+05:30", false],
    ["2026-12-31T12:00:00+05:30", "2027-01-04T00:00:00+05:30", true],
  ])("changed %s, again %s: %s", async (first, second, isAllowed) => {
    broker.clock.freeze(Date.parse(first));
    expect((await put({ primary_ip: IP })).status).toBe(200);
    broker.clock.freeze(Date.parse(second));
    const answer = await put({ primary_ip: OTHER });
    if (isAllowed) expect(answer.status, answer.text).toBe(200);
    else expectErrors(answer, 400, ["UDAPI1185", null]);
  });

  it("an unchanged address keeps its time", async () => {
    await put({ primary_ip: IP, secondary_ip: OTHER });
    broker.clock.advance(WEEK);
    expect(dataOf(await put({ primary_ip: IP, secondary_ip: "198.51.100.10" }))).toMatchObject({
      primary_ip_updated_at: "2026-11-25 09:05:00",
      secondary_ip_updated_at: "2026-12-02 09:05:00",
    });
  });

  it("a refused change ends no token", async () => {
    await put({ primary_ip: IP });
    const { access } = await getTokens(broker);
    expectErrors(await putIps(broker, access, { primary_ip: OTHER }), 400, "UDAPI1185");
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});

describe("PUT /v2/user/ip: wrong addresses", () => {
  it.each([{}, { secondary_ip: IP }, { primary_ip: null }, { primary_ip: "" }, { primaryIp: "" }])(
    "%j: UDAPI1182",
    async (body) => {
      expectErrors(await put(body), 400, ["UDAPI1182", "primary_ip"]);
    },
  );

  it.each([
    "1.2.3",
    "127.1",
    "0x7f.0.0.1",
    "010.0.0.1",
    "256.1.1.1",
    "1.2.3.4 ",
    "1.2.3.4/32",
    "fe80::1%eth0",
    ":::",
    "example.in",
    "[::1]",
    5,
    true,
    ["1.2.3.4"],
    { a: 1 },
  ])("%j is no address: UDAPI1183", async (value) => {
    expectErrors(await put({ primary_ip: value }), 400, ["UDAPI1183", "primary_ip"]);
    expectErrors(await put({ primary_ip: IP, secondary_ip: value }), 400, ["UDAPI1183", "secondary_ip"]);
  });

  it.each([
    [IP, IP],
    ["2001:db8::1", "2001:0DB8:0:0::1"],
    ["8.8.8.8", "::ffff:808:808"],
  ])("%s and %s are one address: UDAPI1184", async (primary_ip, secondary_ip) => {
    expectErrors(await put({ primary_ip, secondary_ip }), 400, ["UDAPI1184", "secondary_ip"]);
  });

  it("the two spellings must not contradict each other", async () => {
    expectErrors(await put({ primary_ip: IP, primaryIp: OTHER }), 400, ["UDAPI100038", "primary_ip"]);
  });

  it("anything but one JSON object is refused", async () => {
    const { access } = await getTokens(broker);
    const send = (body: string, type = "application/json") =>
      call(broker, "PUT", "/v2/user/ip", { token: access, headers: { "content-type": type }, body });
    for (const body of ["[]", "null", '"x"', "{", '{"primary_ip":"1.2.3.4","primary_ip":"1.2.3.5"}', "[".repeat(9)]) {
      expectErrors(await send(body), 400, "UDAPI100038");
    }
    expectErrors(await send("primary_ip=1.2.3.4", "application/x-www-form-urlencoded"), 415, "UDAPI100038");
    expectErrors(await send(""), 400, "UDAPI1182");
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});

describe("/v2/user/ip: whose app it is", () => {
  it("an app of somebody else's: UDAPI1179, each method with its own text", async () => {
    const { access } = await getTokens(broker, { customer: 1 });
    await changeApp("audience = ?", "owner");
    const seen = await getIps(broker, access);
    expectErrors(seen, 403, ["UDAPI1179", null]);
    expect(seen.text).toContain('"You are not allowed to access this app."');
    const changed = await putIps(broker, access, { primary_ip: IP });
    expectErrors(changed, 403, ["UDAPI1179", null]);
    expect(changed.text).toContain('"You are not allowed to update this app."');
  });

  it("an app of the caller's own is fine", async () => {
    const { access } = await getTokens(broker);
    await changeApp("audience = ?", "owner");
    expect((await getIps(broker, access)).status).toBe(200);
  });

  it("a sandbox app: UDAPI1181", async () => {
    const { access } = await getTokens(broker);
    await changeApp("kind = ?", "sandbox");
    expectErrors(await getIps(broker, access), 400, "UDAPI1181");
    expectErrors(await putIps(broker, access, { primary_ip: IP }), 400, "UDAPI1181");
  });

  it("an app that is disabled between the token check and the app check: UDAPI1180", async () => {
    const { db } = broker.server.parts;
    for (const send of [getIps, (b: TestBroker, token: string) => putIps(b, token, { primary_ip: IP })]) {
      await setStatus("active");
      const { access } = await getTokens(broker);
      const restore = afterNextRead(db, () => setStatus("inactive"));
      expectErrors(await send(broker, access), 400, "UDAPI1180");
      restore();
    }
    // Before that check the token itself is dead: disabling an app kills its tokens (S-24).
    await setStatus("active");
    const { access } = await getTokens(broker);
    await setStatus("inactive");
    expectErrors(await getIps(broker, access), 401, "UDAPI100050");
  });

  const setStatus = (status: "active" | "inactive") => setAppStatus(broker, broker.upstox.app.clientId, status);
});

describe("PUT /v2/user/ip: two at once", () => {
  it("one wins; the other is told to retry: UDAPI1186", async () => {
    const [one, two] = [await getTokens(broker), await getTokens(broker)];
    const answers = await Promise.all([
      putIps(broker, one.access, { primary_ip: IP }),
      putIps(broker, two.access, { primary_ip: OTHER }),
    ]);
    const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
    expect(won?.status).toBe(200);
    if (!lost) throw new Error("there is no second answer");
    // Whoever comes after the commit finds its token dead; whoever has passed the token check by then has lost the race.
    if (lost.status === 409) expectErrors(lost, 409, ["UDAPI1186", null]);
    else expectErrors(lost, 401, "UDAPI100050");
  });

  it("a change by somebody else between reading and writing: UDAPI1186, and theirs stays", async () => {
    const { db } = broker.server.parts;
    const { access } = await getTokens(broker);
    let reads = 0;
    const original = db.read.bind(db);
    // The third read is the one that sees the version; right after it the rival writes.
    db.read = async <T>(verb: () => Verb<T>) => {
      const result = await original(verb);
      if (++reads === 3) await db.write(() => execute(RIVAL, accountIdOf(broker), OTHER, MORNING));
      return result;
    };
    try {
      expectErrors(await putIps(broker, access, { primary_ip: IP }), 409, ["UDAPI1186", null]);
    } finally {
      db.read = original;
    }
    expect(dataOf(await getIps(broker, access))).toMatchObject({ primary_ip: OTHER });
  });
});

const RIVAL = `INSERT INTO static_ips (account_id, primary_ip, primary_updated_at, changed_week, version)
  VALUES (?, ?, ?, 0, 1)`;

/** Runs `interfere` once, right after the next read of the server. @returns puts the store back as it was */
function afterNextRead(db: Database, interfere: () => Promise<unknown>): () => void {
  const original = db.read.bind(db);
  const restore = () => {
    db.read = original;
  };
  db.read = async <T>(verb: () => Verb<T>) => {
    restore();
    const result = await original(verb);
    await interfere();
    return result;
  };
  return restore;
}
