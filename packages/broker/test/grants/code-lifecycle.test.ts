import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { setAppStatus } from "../_app-status.ts";
import {
  codesOf,
  exchange,
  expectErrors,
  getProfile,
  getTokens,
  issueCode,
  MORNING,
  tokensOf,
} from "../upstox/_api.ts";
import { registerApp, SECOND_APP } from "../upstox/_second-app.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

const secondApp = {
  client_id: SECOND_APP.clientId,
  client_secret: SECOND_APP.clientSecret,
  redirect_uri: SECOND_APP.redirectUri,
};

async function events(): Promise<string[]> {
  const rows = await broker.server.parts.db.read(() =>
    selectAll<{ event: string }>("SELECT event FROM audit ORDER BY seq"),
  );
  return rows.map((row) => row.event);
}

describe("a code is good for one attempt (D1)", () => {
  it.each([
    ["a wrong secret", { client_secret: "wrong" }, 401, "UDAPI100069"],
    ["an unknown app", { client_id: "nobody" }, 401, "UDAPI100069"],
    ["a wrong redirect URI", { redirect_uri: "https://elsewhere.example.in/" }, 400, "UDAPI100070"],
    ["a verifier nobody asked for", { code_verifier: "a".repeat(43) }, 400, "UDAPI100057"],
  ] as const)("%s spends it", async (_name, changes, status, error) => {
    const code = await issueCode(broker);
    expectErrors(await exchange(broker, code, changes), status, error);
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
    expect(await events()).toContain("code.wasted");
  });

  it("another app's attempt with its own right secret spends it, and buys nothing", async () => {
    await registerApp(broker, SECOND_APP);
    const code = await issueCode(broker);
    expectErrors(await exchange(broker, code, secondApp), 400, "UDAPI100057");
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
  });

  it("guessing the secret half spends nothing: the row key alone is no code", async () => {
    const code = await issueCode(broker);
    const guess = `${code.slice(0, 24)}${"A".repeat(43)}`;
    expectErrors(await exchange(broker, guess), 400, "UDAPI100057");
    expect((await exchange(broker, code)).status).toBe(200);
  });
});

describe("a replayed code (D2, S-14)", () => {
  it("kills the token it bought, and leaves an audit row", async () => {
    const code = await issueCode(broker);
    const { access } = tokensOf(await exchange(broker, code));
    expect((await getProfile(broker, access)).status).toBe(200);
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    expect((await events()).slice(-2)).toEqual(["code.replayed", "token.revoked"]);
  });

  it("kills it long after the code itself has lapsed", async () => {
    const code = await issueCode(broker);
    const { access } = tokensOf(await exchange(broker, code));
    broker.clock.advance(3600);
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
  });

  it("changes nothing when another app, or nobody, replays it", async () => {
    await registerApp(broker, SECOND_APP);
    const code = await issueCode(broker);
    const { access } = tokensOf(await exchange(broker, code));
    expectErrors(await exchange(broker, code, secondApp), 400, "UDAPI100057");
    expectErrors(await exchange(broker, code, { client_secret: "wrong" }), 401, "UDAPI100069");
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("leaves the person's other tokens alone", async () => {
    const other = await getTokens(broker);
    const code = await issueCode(broker);
    await exchange(broker, code);
    await exchange(broker, code);
    expect((await getProfile(broker, other.access)).status).toBe(200);
  });
});

describe("100 parallel exchanges of one code (S-13)", () => {
  it("are one 200 and 99 bad codes, and the token is dead afterwards (D2)", async () => {
    const code = await issueCode(broker);
    const answers = await Promise.all(Array.from({ length: 100 }, () => exchange(broker, code)));
    const won = answers.filter((answer) => answer.status === 200);
    expect(won).toHaveLength(1);
    const lost = answers.filter((answer) => answer.status !== 200);
    expect(new Set(lost.map((answer) => `${answer.status} ${codesOf(answer)}`))).toEqual(new Set(["400 UDAPI100057"]));
    const token = won[0] && tokensOf(won[0]).access;
    expectErrors(await getProfile(broker, token), 401, "UDAPI100050");
  });

  it("of 100 different codes are 100 different tokens that all live", async () => {
    const codes = await Promise.all(Array.from({ length: 100 }, () => issueCode(broker)));
    const answers = await Promise.all(codes.map((code) => exchange(broker, code)));
    const tokens = answers.map((answer) => tokensOf(answer).access);
    expect(new Set(tokens).size).toBe(100);
    broker.clock.advance(1);
    for (const [index, token] of tokens.entries()) {
      if (index % 40 === 39) broker.clock.advance(1);
      expect((await getProfile(broker, token)).status).toBe(200);
    }
  });
});

describe("how long a code lives (S-11)", () => {
  it.each([
    [59, 200],
    [59.999, 200],
    [60, 400],
    [61, 400],
  ])("%d s after issue: %d", async (seconds, status) => {
    const code = await issueCode(broker);
    broker.clock.advance(seconds);
    const answer = await exchange(broker, code);
    if (status === 200) expect(answer.status).toBe(200);
    else expectErrors(answer, status, ["UDAPI100057", "code"]);
  });

  it("is a setting", async () => {
    await using other = await startBroker({ customers: 1, settings: { KUNJI_CODE_LIFETIME: 5 } });
    other.clock.freeze(MORNING);
    const code = await issueCode(other);
    other.clock.advance(5);
    expectErrors(await exchange(other, code), 400, "UDAPI100057");
  });

  it("every failure of a code is one answer, byte for byte (S-111)", async () => {
    await registerApp(broker, SECOND_APP);
    const spent = await issueCode(broker);
    await exchange(broker, spent);
    const lapsed = await issueCode(broker);
    broker.clock.advance(61);
    const { clientId, redirectUri } = SECOND_APP;
    const foreign = await issueCode(broker, { clientId, redirectUri });
    const answers = await Promise.all(
      [spent, lapsed, foreign, "mk404x", "", " "].map((code) => exchange(broker, code || "x")),
    );
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
  });
});

describe("disabling an app (S-24)", () => {
  it("kills its codes and tokens at once, and enabling it again revives neither", async () => {
    const { clientId } = broker.upstox.app;
    const { access, extended } = await getTokens(broker);
    const code = await issueCode(broker);
    await setAppStatus(broker, clientId, "inactive");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    expectErrors(await getProfile(broker, extended), 401, "UDAPI100050");
    expectErrors(await exchange(broker, code), 401, "UDAPI100073");
    await setAppStatus(broker, clientId, "active");
    expectErrors(await getProfile(broker, access), 401, "UDAPI100050");
    expectErrors(await getProfile(broker, extended), 401, "UDAPI100050");
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
  });

  it("kills a code that was not presented while the app was disabled", async () => {
    const code = await issueCode(broker);
    await setAppStatus(broker, broker.upstox.app.clientId, "inactive");
    await setAppStatus(broker, broker.upstox.app.clientId, "active");
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
  });
});

describe("wrong secrets (S-23)", () => {
  it("slow down their own network address, and say for how long", async () => {
    await using strict = await startBroker({ customers: 1, settings: { KUNJI_BAD_SECRETS_PER_ADDRESS: 3 } });
    strict.clock.freeze(MORNING);
    for (let n = 0; n < 3; n++) {
      expectErrors(await exchange(strict, "x", { client_secret: "wrong" }), 401, "UDAPI100069");
    }
    const code = await issueCode(strict);
    const blocked = await exchange(strict, code);
    expectErrors(blocked, 429, "UDAPI10005");
    expect(blocked.headers.get("retry-after")).toBe("60");
    strict.clock.advance(60);
    const fresh = await issueCode(strict);
    expect((await exchange(strict, fresh)).status).toBe(200);
  });
});
