import { createHash } from "node:crypto";
import { upstoxTokenExpiry } from "@kunji/contract/upstox";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findAccount } from "../../src/store/accounts.ts";
import { replaceRedirectUris } from "../../src/store/clients.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { setAppStatus } from "../_app-status.ts";
import {
  accountIdOf,
  exchange,
  expectErrors,
  getProfile,
  issueCode,
  MORNING,
  replaceProfile,
  tokensOf,
} from "./_api.ts";
import { registerApp, SECOND_APP } from "./_second-app.ts";

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const challenge = createHash("sha256").update(verifier).digest("base64url");

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 3 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

describe("POST /v2/login/authorization/token: the answer", () => {
  it("is the flat body with every field and no envelope, in the documented order", async () => {
    const { code } = await broker.login("upstox");
    const answer = await exchange(broker, code ?? "");
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json\b/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const customer = broker.upstox.customers[0];
    const { access, extended } = tokensOf(answer);
    expect(Object.entries(answer.json as object)).toEqual([
      ["email", customer?.email],
      ["exchanges", ["NSE", "NFO", "BSE", "CDS", "BFO", "BCD"]],
      ["products", ["D", "CO", "I", "MTF"]],
      ["broker", "UPSTOX"],
      ["user_id", customer?.userId],
      ["user_name", customer?.userName],
      ["order_types", ["MARKET", "LIMIT", "SL", "SL-M"]],
      ["user_type", "individual"],
      ["poa", false],
      ["ddpi", true],
      ["is_active", true],
      ["access_token", access],
      ["extended_token", extended],
      ["token_type", "Bearer"],
      ["expires_in", upstoxTokenExpiry(MORNING / 1000) - MORNING / 1000],
    ]);
  });

  it("gives tokens with a prefix that secret scanners can know (S-26)", async () => {
    const { access, extended } = tokensOf(await exchange(broker, await issueCode(broker)));
    expect(access).toMatch(/^kupx_at_[0-9a-f]{24}[A-Za-z0-9_-]{43}$/);
    expect(extended).toMatch(/^kupx_et_[0-9a-f]{24}[A-Za-z0-9_-]{43}$/);
  });

  it("leaves earlier tokens of the same person and app alive", async () => {
    const first = tokensOf(await exchange(broker, await issueCode(broker)));
    const second = tokensOf(await exchange(broker, await issueCode(broker)));
    expect(second.access).not.toBe(first.access);
    expect((await getProfile(broker, first.access)).status).toBe(200);
    expect((await getProfile(broker, second.access)).status).toBe(200);
  });
});

describe("POST /v2/login/authorization/token: the checks, in order", () => {
  it("secret before redirect URI and code: UDAPI100069", async () => {
    const answer = await exchange(broker, "mk404x", {
      client_secret: "wrong",
      redirect_uri: "https://elsewhere.example.in/",
    });
    expectErrors(answer, 401, ["UDAPI100069", null]);
  });

  it.each(["not-a-uuid", "00000000-0000-4000-8000-000000000000"])(
    "an unknown client_id (%s) is the same answer as a wrong secret",
    async (clientId) => {
      const unknown = await exchange(broker, "mk404x", { client_id: clientId });
      const wrong = await exchange(broker, "mk404x", { client_secret: "wrong" });
      expectErrors(unknown, 401, ["UDAPI100069", null]);
      expect(unknown.text).toBe(wrong.text);
    },
  );

  it("redirect URI before code: UDAPI100070", async () => {
    const answer = await exchange(broker, "mk404x", { redirect_uri: "https://elsewhere.example.in/" });
    expectErrors(answer, 400, ["UDAPI100070", "redirect_uri"]);
  });

  it("then the code: UDAPI100057 with the documented text", async () => {
    const answer = await exchange(broker, "mk404x");
    expectErrors(answer, 400, ["UDAPI100057", "code"]);
    expect(answer.text).toContain('"message":"Invalid Auth code"');
  });

  it("then the segments: UDAPI100058, and a fresh code is needed once they are active again", async () => {
    const { db } = broker.server.parts;
    const accountId = accountIdOf(broker);
    const account = await db.read(() => findAccount(accountId));
    const active = JSON.parse(account?.profile ?? "{}") as object;
    await replaceProfile(broker, accountId, { ...active, exchanges: [] });
    const code = await issueCode(broker);
    expectErrors(await exchange(broker, code), 400, "UDAPI100058");
    await replaceProfile(broker, accountId, active);
    expectErrors(await exchange(broker, code), 400, "UDAPI100057");
    expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
  });

  it("an inactive app with its right secret: UDAPI100073, with a wrong one: UDAPI100069", async () => {
    const code = await issueCode(broker);
    await setAppStatus(broker, broker.upstox.app.clientId, "inactive");
    expectErrors(await exchange(broker, code), 401, ["UDAPI100073", null]);
    expectErrors(await exchange(broker, code, { client_secret: "wrong" }), 401, "UDAPI100069");
  });

  it("an app that may not use codes is refused like a bad code (S-25)", async () => {
    await registerApp(broker, SECOND_APP, { flows: ["token_request"] });
    const { clientId, clientSecret, redirectUri } = SECOND_APP;
    const code = await issueCode(broker, { clientId, redirectUri });
    const answer = await exchange(broker, code, {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uri: redirectUri,
    });
    expectErrors(answer, 400, "UDAPI100057");
  });
});

describe("POST /v2/login/authorization/token: what the code is bound to (S-06, S-12, S-19)", () => {
  it("another registered redirect URI than in the dialog is a bad code", async () => {
    const { redirectUri } = broker.upstox.app;
    const other = `${redirectUri}/other`;
    await broker.server.parts.db.write(() => replaceRedirectUris(broker.upstox.app.clientId, [redirectUri, other]));
    const code = await issueCode(broker);
    expectErrors(await exchange(broker, code, { redirect_uri: other }), 400, "UDAPI100057");
  });

  it.each([
    ["no trailing slash more", (uri: string) => `${uri}/`],
    ["no other case", (uri: string) => uri.replace("callback", "Callback")],
    ["no other name of the host", (uri: string) => uri.replace("127.0.0.1", "localhost")],
    ["no query", (uri: string) => `${uri}?x=1`],
    ["no percent-encoding undone", (uri: string) => uri.replace("callback", "%63allback")],
  ])("the redirect URI is compared byte for byte: %s", async (_name, change) => {
    const code = await issueCode(broker);
    const answer = await exchange(broker, code, { redirect_uri: change(broker.upstox.app.redirectUri) });
    expectErrors(answer, 400, "UDAPI100070");
  });

  it("another app's code is a bad code, byte for byte as an unknown one (S-111)", async () => {
    const app = await registerApp(broker, SECOND_APP);
    const code = await issueCode(broker);
    const foreign = await exchange(broker, code, {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      redirect_uri: app.redirectUri,
    });
    expectErrors(foreign, 400, ["UDAPI100057", "code"]);
    expect(foreign.text).toBe((await exchange(broker, "mk404x")).text);
  });

  it.each([
    ["a challenge and its verifier", challenge, verifier, 200],
    ["a challenge and no verifier", challenge, undefined, 400],
    ["a challenge and another verifier", challenge, verifier.replace("d", "e"), 400],
    ["a challenge and a verifier that is too short", challenge, "abc", 400],
    ["a challenge and itself, as method plain would have it", challenge, challenge, 400],
    ["no challenge but a verifier", undefined, verifier, 400],
    ["neither", undefined, undefined, 200],
  ])("PKCE: %s", async (_name, codeChallenge, codeVerifier, status) => {
    const code = await issueCode(broker, codeChallenge === undefined ? {} : { codeChallenge });
    const answer = await exchange(broker, code, { code_verifier: codeVerifier });
    if (status === 200) expect(answer.status, answer.text).toBe(200);
    else expectErrors(answer, status, "UDAPI100057");
  });

  it("PKCE works through the dialog too", async () => {
    const { code } = await broker.login("upstox", { codeChallenge: challenge });
    expect((await exchange(broker, code ?? "", { code_verifier: verifier })).status).toBe(200);
  });
});
