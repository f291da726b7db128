/**
 * Requests of other people's clients, byte by byte over a raw socket: the axios build of the vendor's SDK
 * (protocol/tradejini.md 9) and OpenAlgo's plugin (5, 8). Only keys, codes and secrets are put in.
 */

import { connect } from "node:net";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { customerOf, issueCode } from "./_api.ts";
import { equity } from "./_baskets.ts";

let broker: TestBroker;
let host = "";
beforeAll(async () => {
  broker = await startBroker();
  host = new URL(broker.url).host;
});
beforeEach(() => broker.clock.advance(31));
afterAll(() => broker.close());

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends these lines and body as they are, and reads until the broker closes. */
async function send(lines: readonly string[], body = ""): Promise<RawAnswer> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(broker.url).port) });
  const chunks: Buffer[] = [];
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const gap = text.indexOf("\r\n\r\n");
  return { status: Number(text.slice(9, 12)), head: text.slice(0, gap), body: text.slice(gap + 4) };
}

const axios = (lines: readonly string[]) => [...lines, "User-Agent: axios/1.7.2", `Host: ${host}`, "Connection: close"];

const AXIOS_JSON = ["Accept: application/json, text/plain, */*", "Accept-Encoding: gzip, compress, deflate, br"];

function axiosForm(path: string, body: string, headers: readonly string[] = []): Promise<RawAnswer> {
  const lines = axios([
    `POST ${path} HTTP/1.1`,
    AXIOS_JSON[0] ?? "",
    "Content-Type: application/x-www-form-urlencoded",
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    AXIOS_JSON[1] ?? "",
  ]);
  return send(lines, body);
}

const tokenOf = ({ body }: RawAnswer) => (JSON.parse(body) as { access_token: string }).access_token;

describe("the axios build of the vendor's SDK", () => {
  it("exchanges a code: URLSearchParams in the SDK's order, a plus for a space, %2F for a slash", async () => {
    const { clientId, clientSecret, redirectUri } = broker.tradejini.userApp;
    const body = new URLSearchParams();
    body.set("code", await issueCode(broker));
    body.set("client_id", clientId);
    body.set("redirect_uri", redirectUri);
    body.set("client_secret", clientSecret);
    body.set("grant_type", "authorization_code");
    expect(body.toString()).toContain("redirect_uri=http%3A%2F%2F127.0.0.1%3A7475%2Fcallback");
    const answer = await axiosForm("/v2/api-gw/oauth/token", body.toString());
    expect(answer.status, answer.body).toBe(200);
    expect(answer.head).toMatch(/^content-type: application\/json/im);

    const authorization = `Authorization: Bearer ${clientId}:${tokenOf(answer)}`;
    const get = (path: string) => send(axios([`GET ${path} HTTP/1.1`, ...AXIOS_JSON, authorization]));
    expect(JSON.parse((await get("/v2/api/account/details")).body)).toMatchObject({ s: "ok" });
    expect(JSON.parse((await get("/v2/api/oms/limits")).body)).toMatchObject({ s: "ok" });
    // A POST without data: axios sends neither Content-Type nor a body.
    const logout = await send(
      axios(["POST /v2/api/account/logout HTTP/1.1", ...AXIOS_JSON, authorization, "Content-Length: 0"]),
    );
    expect([logout.status, logout.body]).toEqual([200, '{"s":"ok","d":{"msg":"Logged out successfully"}}']);
    expect((await get("/v2/api/account/details")).status).toBe(401);
  });

  it("logs in directly: the whole header value is the caller's, the form is URLSearchParams", async () => {
    const owner = customerOf(broker);
    const body = new URLSearchParams();
    body.set("password", owner.password);
    body.set("twoFa", broker.totpCode(owner.totpSecret));
    body.set("twoFaTyp", "totp");
    const header = `Authorization: Bearer ${broker.tradejini.individualApp.clientId}`;
    const answer = await axiosForm("/v2/api-gw/oauth/individual-token-v2", body.toString(), [header]);
    expect(answer.status, answer.body).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ scope: "general", token_type: "bearer", expires_in: 86_400 });
  });

  it("asks authorize and order-connect with the JSON Accept header of every call, and gets the redirect", async () => {
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "general",
      state: "Qx81vT",
    });
    const authorize = await send(axios([`GET /v2/api-gw/oauth/authorize?${query} HTTP/1.1`, ...AXIOS_JSON]));
    expect(authorize.status).toBe(302);
    query.set("params", JSON.stringify([equity]));
    const connected = await send(axios([`GET /v2/api-gw/oauth/order-connect?${query} HTTP/1.1`, ...AXIOS_JSON]));
    expect(connected.status).toBe(302);
    const location = /^location: (.*)$/im.exec(connected.head)?.[1] ?? "";
    const followed = await send(axios([`GET ${location} HTTP/1.1`, ...AXIOS_JSON]));
    expect(followed.status, "axios follows without cookies, and takes anything but 2xx for a failure").toBe(200);
  });
});

describe("OpenAlgo's way of calling (httpx)", () => {
  it("posts the form with the key as bearer, then sends key and token as one", async () => {
    const owner = customerOf(broker);
    const { clientId } = broker.tradejini.individualApp;
    const body = `password=${owner.password}&twoFa=${broker.totpCode(owner.totpSecret)}&twoFaTyp=totp`;
    const httpx = [
      "Accept: */*",
      "Accept-Encoding: gzip, deflate",
      "Connection: close",
      "User-Agent: python-httpx/0.28.1",
    ];
    const answer = await send(
      [
        "POST /v2/api-gw/oauth/individual-token-v2 HTTP/1.1",
        `Host: ${host}`,
        ...httpx,
        `Authorization: Bearer ${clientId}`,
        `Content-Length: ${body.length}`,
        "Content-Type: application/x-www-form-urlencoded",
      ],
      body,
    );
    expect(answer.status, answer.body).toBe(200);
    const pair = `Authorization: Bearer ${clientId}:${tokenOf(answer)}`;
    for (const path of ["/v2/api/account/details", "/v2/api/oms/limits", "/v2/api/oms/orders"]) {
      const read = await send([`GET ${path} HTTP/1.1`, `Host: ${host}`, ...httpx, pair]);
      expect(read.status, read.body).toBe(200);
    }
  });

  it("is told a wrong password by a bare 401, and JSON instead of a form by a 400", async () => {
    const { clientId } = broker.tradejini.individualApp;
    const post = (type: string, body: string) =>
      send(
        [
          "POST /v2/api-gw/oauth/individual-token-v2 HTTP/1.1",
          `Host: ${host}`,
          "Connection: close",
          `Authorization: Bearer ${clientId}`,
          `Content-Length: ${body.length}`,
          `Content-Type: ${type}`,
        ],
        body,
      );
    const refused = await post("application/x-www-form-urlencoded", "password=x&twoFa=093182&twoFaTyp=totp");
    expect([refused.status, refused.body]).toEqual([401, '{"s":"error","msg":"Unauthorized"}']);
    const json = await post("application/json", '{"password":"x","twoFa":"093182","twoFaTyp":"totp"}');
    expect([json.status, json.body]).toEqual([400, '{"s":"error","msg":"Bad request"}']);
  });
});
