/**
 * What `upstox-python-sdk` 2.28.0 puts on the wire, byte for byte and in its order: http.client's lines first, then
 * the SDK's. @see protocol/upstox.md 9.4
 */
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RawAnswer, sendBytes } from "./_raw-connection.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 1 });
});
afterAll(() => broker.close());
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});

interface PythonRequest {
  readonly line: string;
  readonly apiVersion?: string;
  /** `undefined`: an operation without authentication. An empty token is sent as it is. */
  readonly accessToken?: string;
  readonly contentType?: string;
  readonly body?: string;
}

/** One request as urllib3 writes it. */
function python({ line, apiVersion, accessToken, contentType = "application/json", body }: PythonRequest): string {
  return [
    `${line} HTTP/1.1`,
    `Host: ${new URL(broker.url).host}`,
    "Accept-Encoding: identity",
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...(apiVersion === undefined ? [] : [`Api-Version: ${apiVersion}`]),
    "Accept: application/json",
    "User-Agent: Swagger-Codegen/1.0.0/python",
    "X-Upstox-SDK-Language: python",
    "X-Upstox-SDK-Version: 2.28.0",
    ...(accessToken === undefined ? [] : [`Authorization: Bearer ${accessToken}`]),
    `Content-Type: ${contentType}`,
    "",
    body ?? "",
  ].join("\r\n");
}

const send = (request: PythonRequest): Promise<RawAnswer> => sendBytes(broker.url, python(request));

/** urllib's `urlencode`: a space is `+`. */
const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();

const tokenForm = (code: string) => {
  const { clientId, clientSecret, redirectUri } = broker.upstox.app;
  return form({
    code,
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: redirectUri,
    grant_type: "authorization_code",
  });
};

const exchange = (body: string) =>
  send({
    line: "POST /v2/login/authorization/token",
    apiVersion: "2.0",
    contentType: "application/x-www-form-urlencoded",
    body,
  });

async function accessToken(): Promise<string> {
  const { code = "" } = await broker.login("upstox");
  const answer = await exchange(tokenForm(code));
  return (JSON.parse(answer.body) as { access_token: string }).access_token;
}

/** The vendor's error body, seven keys an entry, in its order (protocol/upstox.md 1.6). */
function errorBody(code: string, message: string, path: string | null = null): string {
  const at = JSON.stringify(path);
  return (
    `{"status":"error","errors":[{"errorCode":"${code}","message":"${message}","propertyPath":${at},` +
    `"invalidValue":null,"error_code":"${code}","property_path":${at},"invalid_value":null}]}`
  );
}

const invalidToken = errorBody("UDAPI100050", "Invalid token used to access API");

function expectJson(answer: RawAnswer, status: number, body: string): void {
  expect(answer.body).toBe(body);
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/json(;|$)/);
  expect(answer.headers["content-encoding"]).toBeUndefined();
  expect(answer.headers["cache-control"]).toBe("no-store");
}

describe("authorize", () => {
  it("takes a query with + for a space, without response_type, and gives the state back unchanged", async () => {
    const { clientId, redirectUri } = broker.upstox.app;
    const query = form({ client_id: clientId, redirect_uri: redirectUri, state: "a b", scope: "read write" });
    expect(query).toContain("state=a+b&scope=read+write");
    const answer = await send({ line: `GET /v2/login/authorization/dialog?${query}`, apiVersion: "2.0" });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toMatch(/^\/login\/upstox\/[\w-]+$/);
    expect(broker.requests().at(-1)?.query).toEqual({
      client_id: clientId,
      redirect_uri: redirectUri,
      state: "a b",
      scope: "read write",
    });
    // urllib3 follows the redirect, without cookies; the SDK raises on anything but 2xx.
    const page = await send({ line: `GET ${answer.headers.location}` });
    expect(page.status).toBe(200);
  });

  it("refuses a redirect URI that is not the app's with JSON", async () => {
    const query = form({ client_id: broker.upstox.app.clientId, redirect_uri: "http://127.0.0.1:1/" });
    const answer = await send({ line: `GET /v2/login/authorization/dialog?${query}`, apiVersion: "2.0" });
    const text = "Check your 'client_id' and 'redirect_uri'; one or both are incorrect.";
    expectJson(answer, 400, errorBody("UDAPI100068", text));
    expect(answer.headers.location).toBeUndefined();
  });
});

describe("token", () => {
  it("answers the form, in the SDK's order, with the flat body", async () => {
    const { code = "" } = await broker.login("upstox");
    const body = tokenForm(code);
    expect(body).toMatch(/^code=[^&]+&client_id=[^&]+&client_secret=[^&]+&redirect_uri=[^&]+&grant_type=\w+$/);
    const answer = await exchange(body);
    const given = JSON.parse(answer.body) as Record<string, string>;
    const customer = broker.upstox.customers[0];
    const expected =
      `{"email":"${customer?.email}","exchanges":${JSON.stringify(given.exchanges)},` +
      `"products":${JSON.stringify(given.products)},"broker":"UPSTOX","user_id":"${customer?.userId}",` +
      `"user_name":"${customer?.userName}","order_types":["MARKET","LIMIT","SL","SL-M"],` +
      `"user_type":"individual","poa":${given.poa},"ddpi":${given.ddpi},"is_active":true,` +
      `"access_token":"${given.access_token}","extended_token":"${given.extended_token}",` +
      `"token_type":"Bearer","expires_in":66300}`;
    expectJson(answer, 200, expected);
  });

  it("answers a code nobody issued", async () => {
    expectJson(await exchange(tokenForm("mk404x")), 400, errorBody("UDAPI100057", "Invalid Auth code", "code"));
  });

  it("answers an empty form with one entry for each missing field", async () => {
    const answer = await exchange("");
    expect(answer.status).toBe(400);
    const { errors } = JSON.parse(answer.body) as { errors: { error_code: string; property_path: string }[] };
    expect(errors.map(({ error_code: code, property_path: path }) => [code, path])).toEqual([
      ["UDAPI1022", "code"],
      ["UDAPI1017", "client_id"],
      ["UDAPI1024", "client_secret"],
      ["UDAPI1018", "redirect_uri"],
      ["UDAPI1023", "grant_type"],
    ]);
  });
});

describe("an empty access token, which Python sends as `Authorization: Bearer `", () => {
  it.each([
    ["GET /v2/user/profile", undefined],
    ["GET /v2/user/get-funds-and-margin", undefined],
    ["GET /v3/user/get-funds-and-margin", undefined],
    ["GET /v2/user/ip", undefined],
    ["PUT /v2/user/ip", '{"primary_ip": "203.0.113.7"}'],
    ["DELETE /v2/logout", "{}"],
  ])("%s answers UDAPI100050", async (line, body) => {
    const answer = await send({ line, apiVersion: "2.0", accessToken: "", ...(body === undefined ? {} : { body }) });
    expectJson(answer, 401, invalidToken);
    expect(broker.requests().at(-1)?.headers.authorization).toMatch(/^Bearer ?$/);
  });
});

describe("with a token", () => {
  it("reads the profile, GET without a body that claims to be JSON", async () => {
    const answer = await send({
      line: "GET /v2/user/profile",
      apiVersion: "2.0",
      accessToken: await accessToken(),
    });
    const customer = broker.upstox.customers[0];
    const { data } = JSON.parse(answer.body) as { data: Record<string, unknown> };
    expectJson(answer, 200, `{"status":"success","data":${JSON.stringify(data)}}`);
    expect(data).toMatchObject({ user_id: customer?.userId, email: customer?.email, broker: "UPSTOX" });
    expect(answer.body).not.toContain("access_token");
  });

  it("reads the funds of one segment and of v3", async () => {
    const token = await accessToken();
    const v2 = await send({
      line: "GET /v2/user/get-funds-and-margin?segment=COM",
      apiVersion: "2.0",
      accessToken: token,
    });
    expectJson(
      v2,
      200,
      '{"status":"success","data":{"commodity":{"used_margin":0,"payin_amount":0,"span_margin":0,"adhoc_margin":0,"notional_cash":0,"available_margin":0,"exposure_margin":0}}}',
    );
    const v3 = await send({ line: "GET /v3/user/get-funds-and-margin", accessToken: token });
    expect(v3.status).toBe(200);
    expect(Object.keys((JSON.parse(v3.body) as { data: object }).data)).toEqual([
      "available_to_trade",
      "unavailable_to_trade",
    ]);
  });

  it("answers the nightly closing with 423", async () => {
    const token = await accessToken();
    broker.clock.freeze(Date.parse("2026-11-26T03:29:59+05:30"));
    const answer = await send({ line: "GET /v3/user/get-funds-and-margin", accessToken: token });
    expectJson(
      answer,
      423,
      errorBody("UDAPI100072", "The Funds service is accessible from 5:30 AM to 12:00 AM IST daily"),
    );
  });

  it("sets the static IPs from json.dumps' spacing", async () => {
    const line = "PUT /v2/user/ip";
    const token = await accessToken();
    const answer = await send({ line, accessToken: token, body: '{"primary_ip": "203.0.113.7"}' });
    const { userId } = broker.upstox.customers[0] ?? { userId: "" };
    expectJson(
      answer,
      200,
      `{"status":"success","data":{"user_id":"${userId}","primary_ip":"203.0.113.7","secondary_ip":null,` +
        '"primary_ip_updated_at":"2026-11-25 09:05:00","secondary_ip_updated_at":null,"access_tokens_invalidated":true}}',
    );
  });

  it("logs out with DELETE and the body {}", async () => {
    const token = await accessToken();
    const request: PythonRequest = { line: "DELETE /v2/logout", apiVersion: "2.0", accessToken: token, body: "{}" };
    expect(python(request)).toContain("\r\nContent-Length: 2\r\n");
    expectJson(await send(request), 200, '{"status":"success","data":true}');
    expectJson(await send(request), 401, invalidToken);
  });
});

describe("init_token_request_for_indie_user", () => {
  const line = () => `POST /v3/login/auth/token/request/${broker.upstox.app.clientId}`;

  it("answers expiry and notifier URL", async () => {
    const body = `{"client_secret": "${broker.upstox.app.clientSecret}"}`;
    const answer = await send({ line: line(), body });
    const expiry = Date.parse("2026-11-26T03:30:00+05:30");
    const { notifierUrl } = broker.upstox.app;
    const data = `{"authorization_expiry":"${expiry}","notifier_url":"${notifierUrl}"}`;
    expectJson(answer, 200, `{"status":"success","data":${data}}`);
  });

  it("answers a wrong secret", async () => {
    const answer = await send({ line: line(), body: '{"client_secret": "zz"}' });
    const text = "Check your 'client_id' and 'client_secret'; one or both are incorrect.";
    expectJson(answer, 401, errorBody("UDAPI100069", text));
  });

  it("answers a client_id that is no path segment: %2F stays part of it", async () => {
    const answer = await send({
      line: "POST /v3/login/auth/token/request/a%2Fb",
      body: '{"client_secret": "zz"}',
    });
    const text = "Check your 'client_id' and 'client_secret'; one or both are incorrect.";
    expectJson(answer, 401, errorBody("UDAPI100069", text));
  });
});
