import { createHash } from "node:crypto";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { issueCode as issueUpstoxCode } from "../upstox/_issue-code.ts";
import { accessTokenOf, call, exchange, expectError, FORM, getDetails, issueCode, MORNING, tokenForm } from "./_api.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
beforeEach(() => broker.clock.freeze(MORNING));
afterAll(() => broker.close());

const path = tradejiniRoutes.getAccessToken.path;
const alive = async (token: string) =>
  (await getDetails(broker, `${broker.tradejini.userApp.clientId}:${token}`)).status === 200;

describe("POST /v2/api-gw/oauth/token", () => {
  it("answers the bare OAuth object, without an envelope", async () => {
    const answer = await exchange(broker, await issueCode(broker));
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(
      /^\{"scope":"general","access_token":"kutj_at_[0-9a-f]{24}[\w-]{43}","token_type":"bearer","expires_in":86400\}$/,
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("issues a token that lives 24 hours to the millisecond (protocol 8)", async () => {
    const token = accessTokenOf(await exchange(broker, await issueCode(broker)));
    broker.clock.freeze(MORNING + 86_400_000 - 1);
    expect(await alive(token)).toBe(true);
    broker.clock.freeze(MORNING + 86_400_000);
    expect(await alive(token)).toBe(false);
  });

  it.each(["code", "client_id", "redirect_uri", "client_secret", "grant_type"])(
    "asks for %s with the validation text, and leaves the code as it was",
    async (field) => {
      const code = await issueCode(broker);
      expectError(await exchange(broker, code, { [field]: undefined }), "VALIDATION");
      expectError(await exchange(broker, code, { [field]: "" }), "VALIDATION");
      expect((await exchange(broker, code)).status).toBe(200);
    },
  );

  it("refuses another grant type with the validation text", async () => {
    expectError(await exchange(broker, await issueCode(broker), { grant_type: "refresh_token" }), "VALIDATION");
  });

  it.each([
    ["a wrong secret", { client_secret: "0".repeat(32) }],
    ["an unknown app", { client_id: "0".repeat(32) }],
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:7475/other" }],
    ["a verifier that no challenge asks for", { code_verifier: "v".repeat(43) }],
  ])("refuses %s with the one 401, and the code is spent (D1, S-111)", async (_name, changes) => {
    const code = await issueCode(broker);
    expectError(await exchange(broker, code, changes), "UNAUTHORIZED");
    expectError(await exchange(broker, code), "UNAUTHORIZED");
  });

  it("refuses an unknown, an expired and a foreign code with the same 401", async () => {
    const late = await issueCode(broker);
    broker.clock.advance(60);
    expectError(await exchange(broker, late), "UNAUTHORIZED");
    expectError(await exchange(broker, "c4f1b2a09e7d4d6ab1583f2e77d0a9cc"), "UNAUTHORIZED");
    expectError(await exchange(broker, await issueUpstoxCode(broker)), "UNAUTHORIZED");
  });

  it("takes a code to the last millisecond of its minute (S-11)", async () => {
    const code = await issueCode(broker);
    broker.clock.freeze(MORNING + 59_999);
    expect((await exchange(broker, code)).status).toBe(200);
  });

  it("refuses a code that was used, and ends the token it bought (D2, S-14)", async () => {
    const code = await issueCode(broker);
    const token = accessTokenOf(await exchange(broker, code));
    expect(await alive(token)).toBe(true);
    expectError(await exchange(broker, code), "UNAUTHORIZED");
    expect(await alive(token)).toBe(false);
  });

  it("gives one token to fifty parallel exchanges of one code (S-13)", async () => {
    const code = await issueCode(broker);
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(broker, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  it("checks a PKCE verifier when the login had a challenge (S-19)", async () => {
    const verifier = "tradejini-verifier-tradejini-verifier-tradejini";
    const codeChallenge = createHash("sha256").update(verifier).digest("base64url");
    const code = await issueCode(broker, { codeChallenge });
    expect((await exchange(broker, code, { code_verifier: verifier })).status).toBe(200);
    expectError(await exchange(broker, await issueCode(broker, { codeChallenge })), "UNAUTHORIZED");
  });

  it("answers 400 Bad request to a body that is no form (gateway)", async () => {
    const code = await issueCode(broker);
    const body = tokenForm(broker, code);
    const json = JSON.stringify(Object.fromEntries(new URLSearchParams(body)));
    for (const [headers, text] of [
      [{ "content-type": "application/json" }, json],
      [{ "content-type": "text/plain" }, body],
      [{ "content-type": "application/x-www-form-urlencoded; charset=latin1" }, body],
      [FORM, "code=%zz"],
      [FORM, `${body}&code=again`],
    ] as const) {
      expectError(await call(broker, "POST", path, { headers, body: text }), "BAD_REQUEST");
    }
    expectError(await call(broker, "POST", path, { body: new TextEncoder().encode(body) }), "BAD_REQUEST");
    expectError(await call(broker, "POST", path), "BAD_REQUEST");
    expect((await exchange(broker, code)).status, "nothing of this was an exchange").toBe(200);
  });

  it("counts in the rate zone what cannot be read, too", async () => {
    await using strict = await startBroker({ settings: { KUNJI_TRADEJINI_KEY_PER_SECOND: 2 } });
    strict.clock.freeze(MORNING);
    const send = () => call(strict, "POST", path, { headers: FORM, body: "code=%zz" });
    for (let count = 0; count < 2; count++) expectError(await send(), "BAD_REQUEST");
    const refused = await send();
    expectError(refused, "TOO_MANY");
    expect(refused.headers.get("retry-after")).toBe("1");
    expect((await exchange(strict, await issueCode(strict))).status, "a key has a place of its own").toBe(200);
  });

  it("answers the validation text to an empty form", async () => {
    expectError(await call(broker, "POST", path, { headers: FORM, body: "" }), "VALIDATION");
  });

  it("takes credentials from the form only (S-22)", async () => {
    const body = tokenForm(broker, await issueCode(broker));
    expectError(await call(broker, "POST", `${path}?x=1`, { headers: FORM, body }), "BAD_REQUEST");
    const basic = { ...FORM, authorization: "Basic eDp5" };
    expectError(await call(broker, "POST", path, { headers: basic, body }), "BAD_REQUEST");
  });

  it("refuses a body over the limit in the vendor's shape (S-100)", async () => {
    const answer = await call(broker, "POST", path, { headers: FORM, body: `x=${"a".repeat(17 * 1024)}` });
    expect([answer.status, answer.json]).toEqual([413, { s: "error", msg: "Bad request" }]);
  });

  it("slows down a source of wrong secrets, and says when to come back (S-23)", async () => {
    await using strict = await startBroker({ settings: { KUNJI_BAD_SECRETS_PER_ADDRESS: 2 } });
    strict.clock.freeze(MORNING);
    const wrong = { client_secret: "0".repeat(32) };
    for (let tries = 0; tries < 2; tries++) expectError(await exchange(strict, "x", wrong), "UNAUTHORIZED");
    const code = await issueCode(strict);
    const held = await exchange(strict, code);
    expectError(held, "TOO_MANY");
    expect(Number(held.headers.get("retry-after"))).toBeGreaterThan(0);
    strict.clock.advance(59);
    strict.clock.advance(1);
    expect((await exchange(strict, await issueCode(strict))).status).toBe(200);
  });
});
