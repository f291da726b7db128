import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { call, FORM, getProfile, getTokens, issueCode, logOut, MORNING } from "../upstox/_api.ts";
import { registerApp, SECOND_APP } from "../upstox/_second-app.ts";
import { type Endpoint, expectOAuthError, post } from "./_oauth.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
  await registerApp(broker, SECOND_APP);
});
afterAll(() => broker.close());

const secondApp = { client_id: SECOND_APP.clientId, client_secret: SECOND_APP.clientSecret };

describe("/.well-known/oauth-authorization-server (RFC 8414)", () => {
  it("names the endpoints below the issuer, and only what the server does", async () => {
    const answer = await call(broker, "GET", "/.well-known/oauth-authorization-server");
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      issuer: broker.url,
      authorization_endpoint: `${broker.url}/v2/login/authorization/dialog`,
      token_endpoint: `${broker.url}/v2/login/authorization/token`,
      revocation_endpoint: `${broker.url}/oauth/revoke`,
      introspection_endpoint: `${broker.url}/oauth/introspect`,
      response_types_supported: ["code"],
      response_modes_supported: ["query"],
      grant_types_supported: ["authorization_code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      revocation_endpoint_auth_methods_supported: ["client_secret_post"],
      introspection_endpoint_auth_methods_supported: ["client_secret_post"],
      authorization_response_iss_parameter_supported: true,
      service_documentation: `${broker.url}/docs`,
    });
  });

  it("describes each broker as a server of its own, where its issuer says (RFC 8414 3.1)", async () => {
    const answer = await call(broker, "GET", "/.well-known/oauth-authorization-server/tradejini");
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      issuer: `${broker.url}/tradejini`,
      authorization_endpoint: `${broker.url}/v2/api-gw/oauth/authorize`,
      token_endpoint: `${broker.url}/v2/api-gw/oauth/token`,
      authorization_response_iss_parameter_supported: true,
    });
    const [upstox, tradejini] = [await broker.login("upstox"), await broker.login("tradejini")];
    expect([upstox.iss, tradejini.iss]).toEqual([broker.url, `${broker.url}/tradejini`]);
    expect((await call(broker, "GET", "/.well-known/oauth-authorization-server/nobody")).status).toBe(404);
  });

  it("takes the issuer from the configuration, never from the request (S-09, S-107)", async () => {
    const answer = await call(broker, "GET", "/.well-known/oauth-authorization-server", {
      headers: {
        "x-forwarded-host": "evil.example.in",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example.in",
      },
    });
    expect(answer.json).toMatchObject({ issuer: broker.url });
  });
});

describe("POST /oauth/introspect (RFC 7662)", () => {
  it("describes a live access token of the calling app", async () => {
    const { access } = await getTokens(broker, { customer: 1 });
    const answer = await post(broker, "introspect", { token: access });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      active: true,
      iss: broker.url,
      client_id: broker.upstox.app.clientId,
      sub: broker.upstox.customers[1]?.userId,
      token_type: "Bearer",
      iat: MORNING / 1000,
      exp: Date.parse("2026-11-26T03:30:00+05:30") / 1000,
      scope: "read write",
    });
  });

  it("says that an extended token only reads", async () => {
    const { extended } = await getTokens(broker);
    expect((await post(broker, "introspect", { token: extended, token_type_hint: "access_token" })).json).toMatchObject(
      {
        active: true,
        scope: "read",
        exp: MORNING / 1000 + 365 * 86_400,
      },
    );
  });

  it("says the same of unknown, malformed, expired, revoked and foreign tokens, and of codes (S-33)", async () => {
    const expired = (await getTokens(broker)).access;
    broker.clock.advance(86_400);
    const revoked = (await getTokens(broker)).access;
    await logOut(broker, revoked);
    const foreign = (await getTokens(broker)).access;
    const code = await issueCode(broker);
    const answers = [
      ...(await Promise.all(
        [expired, revoked, code, "nonsense", `kupx_at_${"0".repeat(24)}${"A".repeat(43)}`, "\u00e9"].map((token) =>
          post(broker, "introspect", { token }),
        ),
      )),
      await post(broker, "introspect", { token: foreign, ...secondApp }),
    ];
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`))).toEqual(
      new Set(['200 {"active":false}']),
    );
    expect((await post(broker, "introspect", { token: foreign })).json).toMatchObject({ active: true });
  });

  it("does not say more to a bad secret, whatever the token is", async () => {
    const { access } = await getTokens(broker);
    const answers = await Promise.all(
      [access, "nonsense"].flatMap((token) => [
        post(broker, "introspect", { token, client_secret: "wrong" }),
        post(broker, "introspect", { token, client_id: "nobody" }),
        post(broker, "introspect", { token, client_secret: undefined }),
      ]),
    );
    for (const answer of answers) expectOAuthError(answer, 401, "invalid_client");
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  });

  it("is limited per network address", async () => {
    await using strict = await startBroker({ customers: 1, settings: { KUNJI_INTROSPECT_PER_SECOND: 2 } });
    strict.clock.freeze(MORNING);
    await post(strict, "introspect", { token: "x" });
    await post(strict, "introspect", { token: "x" });
    const refused = await post(strict, "introspect", { token: "x" });
    expectOAuthError(refused, 429, "temporarily_unavailable");
    expect(refused.headers.get("retry-after")).toBe("1");
  });
});

describe("POST /oauth/revoke (RFC 7009)", () => {
  it("ends a token of the calling app; again is the same answer", async () => {
    const { access, extended } = await getTokens(broker);
    const first = await post(broker, "revoke", { token: access });
    expect([first.status, first.text]).toEqual([200, ""]);
    expect((await getProfile(broker, access)).status).toBe(401);
    expect((await getProfile(broker, extended)).status).toBe(200);
    const second = await post(broker, "revoke", { token: access });
    expect([second.status, second.text]).toEqual([200, ""]);
    await post(broker, "revoke", { token: extended, token_type_hint: "refresh_token" });
    expect((await getProfile(broker, extended)).status).toBe(401);
  });

  it("leaves a foreign token alive, and answers as for an unknown one (S-31)", async () => {
    const { access } = await getTokens(broker);
    const foreign = await post(broker, "revoke", { token: access, ...secondApp });
    const unknown = await post(broker, "revoke", { token: "nonsense", ...secondApp });
    expect([foreign.status, foreign.text]).toEqual([unknown.status, unknown.text]);
    expect(foreign.status).toBe(200);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("does nothing for a bad secret", async () => {
    const { access } = await getTokens(broker);
    expectOAuthError(await post(broker, "revoke", { token: access, client_secret: "wrong" }), 401, "invalid_client");
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});

describe.each(["introspect", "revoke"] satisfies Endpoint[])("POST /oauth/%s: errors", (endpoint) => {
  const path = `/oauth/${endpoint}`;

  it("a missing token is invalid_request", async () => {
    expectOAuthError(await post(broker, endpoint, {}), 400, "invalid_request");
    expectOAuthError(await post(broker, endpoint, { token: "" }), 400, "invalid_request");
    expectOAuthError(await call(broker, "POST", path), 400, "invalid_request");
  });

  it("takes the secret in the body only (S-22)", async () => {
    const { access } = await getTokens(broker);
    const { clientId, clientSecret } = broker.upstox.app;
    const body = `token=${access}`;
    const basic = { ...FORM, authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
    expectOAuthError(await call(broker, "POST", path, { headers: basic, body }), 400, "invalid_request");
    const query = `?client_id=${clientId}&client_secret=${clientSecret}`;
    expectOAuthError(await call(broker, "POST", path + query, { headers: FORM, body }), 400, "invalid_request");
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("has its own shape for faults of the HTTP layer", async () => {
    expectOAuthError(await call(broker, "GET", path), 405, "invalid_request");
    const json = { "content-type": "application/json" };
    expectOAuthError(await call(broker, "POST", path, { headers: json, body: "{}" }), 415, "invalid_request");
    expectOAuthError(
      await call(broker, "POST", path, { headers: FORM, body: "token=a&token=a" }),
      400,
      "invalid_request",
    );
    expectOAuthError(
      await call(broker, "POST", path, { headers: FORM, body: "x".repeat(16 * 1024 + 1) }),
      413,
      "invalid_request",
    );
  });

  it("wrong secrets slow down their network address", async () => {
    await using strict = await startBroker({ customers: 1, settings: { KUNJI_BAD_SECRETS_PER_ADDRESS: 1 } });
    strict.clock.freeze(MORNING);
    expectOAuthError(await post(strict, endpoint, { token: "x", client_secret: "wrong" }), 401, "invalid_client");
    const refused = await post(strict, endpoint, { token: "x" });
    expectOAuthError(refused, 429, "temporarily_unavailable");
    expect(refused.headers.get("retry-after")).toBe("60");
  });
});
