/** `oauth4webapi`, unmodified: a standard OAuth client that has never heard of Upstox. */
import { logInAsCustomer, startBroker, type TestBroker, upstoxAnswers } from "@kunji/broker/testing";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The broker of a test speaks http on loopback; nothing else of the library's checks is off. */
const insecure = { [oauth.allowInsecureRequests]: true } as const;

let broker: TestBroker;
let server: oauth.AuthorizationServer;
let client: oauth.Client;
let authentication: oauth.ClientAuth;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
  server = await discover(broker.url);
  client = { client_id: broker.upstox.app.clientId };
  authentication = oauth.ClientSecretPost(broker.upstox.app.clientSecret);
});
afterAll(() => broker.close());

async function discover(url: string): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(url);
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  return await oauth.processDiscoveryResponse(issuer, response);
}

interface Login {
  readonly callback: URL;
  readonly state: string;
  readonly codeVerifier: string;
}

/** Sends a customer to the dialog as the library's documentation does, and takes what comes back. */
async function logIn(): Promise<Login> {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const dialog = new URL(server.authorization_endpoint ?? "");
  dialog.searchParams.set("client_id", client.client_id);
  dialog.searchParams.set("redirect_uri", broker.upstox.app.redirectUri);
  dialog.searchParams.set("response_type", "code");
  dialog.searchParams.set("state", state);
  dialog.searchParams.set("code_challenge", await oauth.calculatePKCECodeChallenge(codeVerifier));
  dialog.searchParams.set("code_challenge_method", "S256");
  const customer = broker.upstox.customers[1];
  if (!customer) throw new Error("no customer");
  const readOtp = async (mobile: string) => (await broker.inbox()).find(({ to }) => to === mobile)?.otp ?? "";
  const { callbackUrl } = await logInAsCustomer(dialog.href, upstoxAnswers(customer, readOtp));
  return { callback: new URL(callbackUrl), state, codeVerifier };
}

async function exchange(
  login: Login,
  codeVerifier: string | typeof oauth.nopkce = login.codeVerifier,
): Promise<oauth.TokenEndpointResponse> {
  const parameters = oauth.validateAuthResponse(server, client, login.callback, login.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    parameters,
    broker.upstox.app.redirectUri,
    codeVerifier,
    insecure,
  );
  return await oauth.processAuthorizationCodeResponse(server, client, response);
}

async function introspect(token: string): Promise<oauth.IntrospectionResponse> {
  const response = await oauth.introspectionRequest(server, client, authentication, token, insecure);
  return await oauth.processIntrospectionResponse(server, client, response);
}

describe("oauth4webapi", () => {
  it("discovers the broker by RFC 8414", () => {
    expect(server).toMatchObject({
      issuer: broker.url,
      authorization_endpoint: `${broker.url}/v2/login/authorization/dialog`,
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it("logs in with state and PKCE, and reads, inspects and revokes the token", async () => {
    const tokens = await exchange(await logIn());
    expect(tokens).toMatchObject({ token_type: "bearer", user_id: broker.upstox.customers[1]?.userId });
    expect(tokens.expires_in).toBeGreaterThan(0);

    const profile = await oauth.protectedResourceRequest(
      tokens.access_token,
      "GET",
      new URL(`${broker.url}/v2/user/profile`),
      undefined,
      null,
      insecure,
    );
    expect(await profile.json()).toMatchObject({ data: { user_id: broker.upstox.customers[1]?.userId } });

    const living = await introspect(tokens.access_token);
    expect(living).toMatchObject({ active: true, client_id: client.client_id, sub: tokens.user_id });
    expect((living.exp ?? 0) - (living.iat ?? 0)).toBe(tokens.expires_in);

    const revocation = await oauth.revocationRequest(server, client, authentication, tokens.access_token, insecure);
    expect(await oauth.processRevocationResponse(revocation)).toBeUndefined();
    expect(await introspect(tokens.access_token)).toEqual({ active: false });
  });

  it("refuses a callback whose state or issuer is another's (S-09, S-17)", async () => {
    const { callback, state } = await logIn();
    expect(() => oauth.validateAuthResponse(server, client, callback, oauth.generateRandomState())).toThrow(/state/);
    const elsewhere = new URL(callback);
    elsewhere.searchParams.set("iss", "https://other-broker.example");
    expect(() => oauth.validateAuthResponse(server, client, elsewhere, state)).toThrow(/iss/);
    const unnamed = new URL(callback);
    unnamed.searchParams.delete("iss");
    expect(() => oauth.validateAuthResponse(server, client, unnamed, state)).toThrow(/iss/);
  });

  it("gets no token with another verifier (S-19), or without one", async () => {
    await expect(exchange(await logIn(), oauth.generateRandomCodeVerifier())).rejects.toMatchObject({
      cause: { status: 400 },
    });
    await expect(exchange(await logIn(), oauth.nopkce)).rejects.toMatchObject({
      cause: { status: 400 },
    });
  });

  it("revokes an unknown token like a known one (S-31), and is told nothing of one (S-33)", async () => {
    const revocation = await oauth.revocationRequest(server, client, authentication, "unknown", insecure);
    expect(await oauth.processRevocationResponse(revocation)).toBeUndefined();
    expect(await introspect("unknown")).toEqual({ active: false });
  });

  it("understands why introspection refuses a wrong secret", async () => {
    const wrong = oauth.ClientSecretPost("wrong");
    const response = await oauth.introspectionRequest(server, client, wrong, "unknown", insecure);
    await expect(oauth.processIntrospectionResponse(server, client, response)).rejects.toMatchObject({
      error: "invalid_client",
      status: 401,
    });
  });
});
