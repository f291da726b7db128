import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { request, sendRaw } from "./_raw-request.ts";
import { type StrictApp, startStrictApp } from "./_strict-app.ts";

let server: StrictApp;
beforeAll(async () => {
  server = await startStrictApp();
});
afterAll(() => server.close());
beforeEach(() => {
  server.effects.length = 0;
});

const send = (startLine: string, headers: readonly string[] = [], body = "") =>
  sendRaw(server.port, request(server.port, startLine, headers, body));

const form = (body: string, headers: readonly string[] = []) =>
  send(
    "POST /token HTTP/1.1",
    ["Content-Type: application/x-www-form-urlencoded", `Content-Length: ${Buffer.byteLength(body)}`, ...headers],
    body,
  );

const json = (body: string, headers: readonly string[] = ["Content-Type: application/json"]) =>
  send("POST /request/app HTTP/1.1", [...headers, `Content-Length: ${Buffer.byteLength(body)}`], body);

const chunked = (type: string, path: string, ...chunks: string[]) =>
  send(
    `POST ${path} HTTP/1.1`,
    [`Content-Type: ${type}`, "Transfer-Encoding: chunked"],
    `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`,
  );

async function expectFault(answer: ReturnType<typeof send>, status: number, kind: string): Promise<void> {
  // The request is on its way but no byte of it has been read yet: whatever runs from here on is its effect.
  const before = server.effects.length;
  const { status: actual, headers, body } = await answer;
  expect({ status: actual, kind: JSON.parse(body).kind }).toEqual({ status, kind });
  expect(headers["content-type"]).toMatch(/^application\/json/);
  expect(server.effects.slice(before)).toEqual([]);
}

describe("what the official SDKs send (protocol/upstox.md 9.4)", () => {
  it("answers the JS SDK's GET and DELETE with a JSON content type and no body", async () => {
    const headers = [
      "Accept-Encoding: gzip, deflate",
      "Authorization: Bearer X",
      "X-Upstox-SDK-Language: nodejs",
      "X-Upstox-SDK-Version: 2.31.0",
      "Api-Version: 2.0",
      "User-Agent: udapi-nodejs-sdk",
      "Content-Type: application/json",
      "Accept: application/json",
    ];
    expect((await send("GET /profile HTTP/1.1", headers)).status).toBe(200);
    expect((await send("DELETE /logout HTTP/1.1", headers)).status).toBe(200);
    expect(server.effects).toEqual(["GET /profile", "DELETE /logout"]);
  });

  it("answers the Python SDK's DELETE with body {} and an empty bearer value", async () => {
    const answer = await send(
      "DELETE /logout HTTP/1.1",
      [
        "Accept-Encoding: identity",
        "Content-Length: 2",
        "Api-Version: 2.0",
        "Accept: application/json",
        "User-Agent: Swagger-Codegen/1.0.0/python",
        "X-Upstox-SDK-Language: python",
        "X-Upstox-SDK-Version: 2.28.0",
        "Authorization: Bearer ",
        "Content-Type: application/json",
      ],
      "{}",
    );
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).body).toBeNull();
  });

  it("answers a POST with neither body nor content type, of length zero or of no stated length", async () => {
    expect((await send("POST /logout HTTP/1.1", ["Content-Length: 0"])).status).toBe(200);
    expect((await send("POST /logout HTTP/1.1")).status).toBe(200);
    expect((await send("POST /logout HTTP/1.1", ["Transfer-Encoding: chunked"], "0\r\n\r\n")).status).toBe(200);
  });

  it("reads the JS SDK's form and its spaces as %20, the Python SDK's as +", async () => {
    const answer = await form("code=a%20b&client_id=c+d&grant_type=authorization_code");
    expect(JSON.parse(answer.body).body).toEqual({ code: "a b", client_id: "c d", grant_type: "authorization_code" });
  });

  it("keeps a slash escaped within a path parameter", async () => {
    const answer = await send(
      "POST /request/a%2Fb HTTP/1.1",
      ["Content-Type: application/json", "Content-Length: 2"],
      "{}",
    );
    expect(JSON.parse(answer.body)).toMatchObject({ params: { client_id: "a/b" }, body: {} });
  });
});

describe("Host and framing (S-107)", () => {
  it("answers every configured host, whatever its case", async () => {
    expect((await send("GET /profile HTTP/1.1", ["Host: broker.example"])).status).toBe(200);
    expect((await send("GET /profile HTTP/1.1", ["Host: BROKER.example"])).status).toBe(200);
  });

  it.each([
    ["another host", ["Host: evil.example"]],
    ["another port", ["Host: 127.0.0.1:1"]],
    ["no port", ["Host: 127.0.0.1"]],
    ["userinfo before the host", ["Host: broker.example@evil.example"]],
    ["two hosts", ["Host: broker.example", "Host: evil.example"]],
    ["one host twice", ["Host: broker.example", "host: broker.example"]],
    ["an empty host", ["Host: "]],
  ])("refuses %s", async (_name, headers) => {
    await expectFault(send("GET /profile HTTP/1.1", headers), 400, "bad-host");
  });

  it("finds a second host behind more headers than Node keeps by default", async () => {
    const filler = Array.from({ length: 1100 }, () => "a:");
    await expectFault(
      send("GET /profile HTTP/1.1", ["Host: broker.example", ...filler, "Host: evil.example"]),
      431,
      "headers-too-large",
    );
  });

  it("refuses a request without Host, in either version of HTTP", async () => {
    await expectFault(sendRaw(server.port, "GET /profile HTTP/1.1\r\nConnection: close\r\n\r\n"), 400, "bad-host");
    await expectFault(sendRaw(server.port, "GET /profile HTTP/1.0\r\n\r\n"), 400, "bad-host");
  });

  it.each([
    ["both length and chunks", ["Content-Length: 3", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", ["Content-Length: 3", "Content-Length: 4"], "a=bc"],
    ["one length twice", ["Content-Length: 3", "Content-Length: 3"], "a=b"],
    ["a signed length", ["Content-Length: +3"], "a=b"],
    ["a list of lengths", ["Content-Length: 3, 3"], "a=b"],
    ["a coding after chunked", ["Transfer-Encoding: chunked, identity"], "0\r\n\r\n"],
    ["a coding before chunked", ["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"],
    ["an unknown coding", ["Transfer-Encoding: xchunked"], "0\r\n\r\n"],
    ["a broken chunk size", ["Transfer-Encoding: chunked"], "zz\r\na=b\r\n0\r\n\r\n"],
  ])("refuses %s", async (_name, headers, body) => {
    const typed = ["Content-Type: application/x-www-form-urlencoded", ...headers];
    await expectFault(send("POST /token HTTP/1.1", typed, body), 400, "malformed");
  });

  it.each([
    ["a space before the colon", "GET /profile HTTP/1.1\r\nHost : broker.example\r\n\r\n"],
    ["a folded header", "GET /profile HTTP/1.1\r\nHost: broker.example\r\nX: a\r\n b\r\n\r\n"],
    ["a bare LF in a header", "GET /profile HTTP/1.1\r\nHost: broker.example\nX: a\r\n\r\n"],
    ["a NUL in a header", "GET /profile HTTP/1.1\r\nHost: broker.example\r\nX: a\0b\r\n\r\n"],
    ["no HTTP at all", "hello\r\n\r\n"],
    ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ])("refuses %s", async (_name, bytes) => {
    await expectFault(sendRaw(server.port, Buffer.from(bytes, "latin1")), 400, "malformed");
  });

  it("refuses content on GET, where nobody would read it", async () => {
    await expectFault(send("GET /profile HTTP/1.1", ["Content-Length: 2"], "{}"), 400, "malformed");
    await expectFault(send("GET /profile HTTP/1.1", ["Transfer-Encoding: chunked"], "0\r\n\r\n"), 400, "malformed");
  });
});

describe("headers that must stand alone", () => {
  it("refuses two Authorization headers (S-32)", async () => {
    const answer = await send("GET /profile HTTP/1.1", ["Authorization: Bearer a", "authorization: Bearer a"]);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ kind: "repeated-parameter", parameter: "Authorization" });
  });

  it("refuses two Content-Type headers", async () => {
    await expectFault(form("a=b", ["Content-Type: application/json"]), 400, "repeated-parameter");
  });

  it("refuses two cookies of one of our names, in one header or in two, and leaves other cookies alone (S-39)", async () => {
    await expectFault(send("GET /profile HTTP/1.1", ["Cookie: kunji_a=1; kunji_a=2"]), 400, "repeated-parameter");
    await expectFault(
      send("GET /profile HTTP/1.1", ["Cookie: kunji_a=1", "Cookie: kunji_a=1"]),
      400,
      "repeated-parameter",
    );
    expect((await send("GET /profile HTTP/1.1", ["Cookie: x=1; x=2; kunji_a=1"])).status).toBe(200);
  });
});

describe("request target (S-100, S-105)", () => {
  it.each([
    ["an escaped NUL in the path", "/request/a%00b"],
    ["an escaped CR", "/request/a%0db"],
    ["an escaped backslash", "/request/a%5cb"],
    ["a backslash", "/request\\a"],
    ["a double slash", "//profile"],
    ["a double slash further on", "/request//a"],
    ["a broken escape in the path", "/request/%zz"],
    ["bytes that are not UTF-8 in the path", "/request/%ff"],
    ["a fragment", "/profile#x"],
    ["a target for a proxy", "http://evil.example/profile"],
    ["an escaped NUL in the query", "/dialog?state=%00"],
    ["a broken escape in the query", "/dialog?state=%zz"],
    ["a cut escape in the query", "/dialog?state=%4"],
    ["bytes that are not UTF-8 in the query", "/dialog?state=%ff"],
    ["an overlong form in the query", "/dialog?state=%c0%af"],
    ["a line break in the query", "/dialog?state=%0d%0aSet-Cookie:x"],
  ])("refuses %s", async (_name, target) => {
    const method = target.startsWith("/request") ? "POST" : "GET";
    await expectFault(send(`${method} ${target} HTTP/1.1`), 400, "malformed");
  });

  it("refuses raw bytes above ASCII in path and query", async () => {
    const raw = (target: string) =>
      sendRaw(server.port, Buffer.from(request(server.port, `GET ${target} HTTP/1.1`), "latin1"));
    await expectFault(raw("/pr\xf6file"), 400, "malformed");
    await expectFault(raw("/dialog?state=\xf6"), 400, "malformed");
  });

  it("refuses a repeated parameter, in the query and across query and body (S-101)", async () => {
    await expectFault(send("GET /dialog?state=a&state=a HTTP/1.1"), 400, "repeated-parameter");
    await expectFault(send("GET /dialog?state=a&st%61te=b HTTP/1.1"), 400, "repeated-parameter");
    const across = send(
      "POST /token?code=a HTTP/1.1",
      ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 6"],
      "code=b",
    );
    await expectFault(across, 400, "repeated-parameter");
  });

  it("reads the query with the limits of the route", async () => {
    expect((await send(`GET /dialog?state=${"a".repeat(1024)} HTTP/1.1`)).status).toBe(200);
    await expectFault(send(`GET /dialog?state=${"a".repeat(1025)} HTTP/1.1`), 400, "malformed");
  });

  it("accepts a URL of 8 KiB and refuses one more byte with 414", async () => {
    const url = (length: number) => `/dialog?${"&".repeat(length - 8)}`;
    expect((await send(`GET ${url(8192)} HTTP/1.1`)).status).toBe(200);
    await expectFault(send(`GET ${url(8193)} HTTP/1.1`), 414, "uri-too-long");
  });

  it("refuses a URL longer than all headers may be with 414", async () => {
    await expectFault(send(`GET /dialog?${"a".repeat(20_000)} HTTP/1.1`), 414, "uri-too-long");
  });

  it("refuses a path parameter longer than 256 characters with 414", async () => {
    await expectFault(send(`POST /request/${"a".repeat(257)} HTTP/1.1`), 414, "uri-too-long");
  });

  it("does not fold case or a trailing slash", async () => {
    await expectFault(send("GET /Profile HTTP/1.1"), 404, "not-found");
    await expectFault(send("GET /profile/ HTTP/1.1"), 404, "not-found");
  });
});

describe("sizes (S-100)", () => {
  it("refuses headers over 16 KiB with 431", async () => {
    await expectFault(send("GET /profile HTTP/1.1", [`X-Filler: ${"a".repeat(16_400)}`]), 431, "headers-too-large");
  });

  it("refuses more than 100 header fields with 431", async () => {
    const fields = Array.from({ length: 99 }, (_, i) => `X-${i}: a`);
    await expectFault(send("GET /profile HTTP/1.1", fields), 431, "headers-too-large");
  });

  it("accepts a body of 16 KiB and refuses one more byte, stated or chunked, with 413", async () => {
    const pairs = `${"&".repeat(16_384 - 3)}a=b`;
    expect((await form(pairs)).status).toBe(200);
    expect((await chunked("application/x-www-form-urlencoded", "/token", pairs)).status).toBe(200);
    await expectFault(form(`&${pairs}`), 413, "payload-too-large");
    await expectFault(chunked("application/x-www-form-urlencoded", "/token", pairs, "&"), 413, "payload-too-large");
    await expectFault(chunked("text/plain", "/token", pairs, "&"), 413, "payload-too-large");
  });

  it("refuses a huge stated length without waiting for the body", async () => {
    const headers = ["Content-Type: application/json", "Content-Length: 99999999999"];
    await expectFault(send("POST /request/app HTTP/1.1", headers), 413, "payload-too-large");
  });

  it("accepts 32 parameters and refuses 33", async () => {
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=`).join("&");
    expect((await form(fields(32))).status).toBe(200);
    await expectFault(form(fields(33)), 400, "too-many-parameters");
    await expectFault(send(`GET /dialog?${fields(33)} HTTP/1.1`), 400, "too-many-parameters");
  });

  it("refuses a field over the maximum that its route names", async () => {
    expect((await form(`code=${"a".repeat(64)}`)).status).toBe(200);
    await expectFault(form(`code=${"a".repeat(65)}`), 400, "malformed");
  });

  it("joins chunks that cut a value", async () => {
    const answer = await chunked("application/x-www-form-urlencoded", "/token", "co", "de=%E0%A4", "%95", "&x=1");
    expect(JSON.parse(answer.body).body).toEqual({ code: "\u0915", x: "1" });
  });
});

describe("content types (S-104)", () => {
  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'Application/JSON ; charset="utf-8"',
  ])("reads %s", async (type) => {
    const answer = await json('{"client_secret":"zz"}', [`Content-Type: ${type}`]);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).body).toEqual({ client_secret: "zz" });
  });

  it.each([
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=utf-8; charset=utf-16",
    "application/json; version=1",
    "application/json;",
    "application/json, text/plain",
    "nonsense",
    "application/json\t; charset=latin1",
  ])("refuses %s where JSON is documented", async (type) => {
    await expectFault(json('{"client_secret":"zz"}', [`Content-Type: ${type}`]), 415, "unsupported-media-type");
  });

  it("refuses a body without a content type", async () => {
    await expectFault(json('{"a":1}', []), 415, "unsupported-media-type");
  });

  it("refuses JSON where a form is documented", async () => {
    const headers = ["Content-Type: application/json", "Content-Length: 2"];
    await expectFault(send("POST /token HTTP/1.1", headers, "{}"), 415, "unsupported-media-type");
  });

  it("refuses content coding, even the one that does nothing", async () => {
    for (const coding of ["gzip", "br", "identity"]) {
      await expectFault(form("a=b", [`Content-Encoding: ${coding}`]), 415, "unsupported-media-type");
    }
  });

  it("refuses a real body on a route that reads none", async () => {
    const headers = ["Content-Type: application/json", "Content-Length: 7"];
    await expectFault(send("DELETE /logout HTTP/1.1", headers, '{"a":1}'), 400, "malformed");
    const formHeaders = ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"];
    await expectFault(send("POST /logout HTTP/1.1", formHeaders, "a=b"), 415, "unsupported-media-type");
  });
});

describe("JSON bodies", () => {
  it.each([
    ["30 000 nested arrays, of which 16 KiB fit", "[".repeat(16_000)],
    ["nesting of nine", `{"a":${"[".repeat(8)}${"]".repeat(8)}}`],
    ["an array at the top", "[]"],
    ["text at the top", '"a"'],
    ["null", "null"],
    ["a cut object", '{"a":1'],
    ["a trailing comma", '{"a":1,}'],
    ["two values", "{}{}"],
    ["a byte order mark", "\ufeff{}"],
    ["a control character", '{"a":"\\u0000"}'],
  ])("refuses %s", async (_name, body) => {
    await expectFault(json(body), 400, "malformed");
  });

  it("refuses the whole of 30 000 nested arrays for its size", async () => {
    await expectFault(json("[".repeat(30_000)), 413, "payload-too-large");
  });
});

describe("methods (S-108)", () => {
  it.each(["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "SEARCH", "LOCK"])(
    "%s on a path that has GET only is refused and names GET",
    async (method) => {
      const answer = await send(`${method} /profile HTTP/1.1`);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("GET");
      expect(server.effects).toEqual([]);
    },
  );

  it("names every method of a path", async () => {
    expect((await send("GET /logout HTTP/1.1")).headers.allow).toBe("POST, DELETE");
  });

  it("answers 404 on an unknown path for every method, whatever the body", async () => {
    for (const method of ["GET", "HEAD", "OPTIONS", "POST", "DELETE"]) {
      expect((await send(`${method} /nowhere?a=%zz HTTP/1.1`)).status).toBe(404);
    }
    const headers = ["Content-Type: text/plain", "Content-Length: 3"];
    await expectFault(send("POST /nowhere HTTP/1.1", headers, "abc"), 404, "not-found");
    await expectFault(
      send("POST /nowhere HTTP/1.1", ["Content-Type: application/json", "Content-Length: 1"], "{"),
      404,
      "not-found",
    );
  });

  it("has no method override", async () => {
    const answer = await send("POST /logout?_method=DELETE HTTP/1.1", [
      "X-HTTP-Method-Override: DELETE",
      "Content-Length: 0",
    ]);
    expect(answer.status).toBe(200);
    expect(server.effects).toEqual(["POST /logout"]);
  });

  it("knows no CONNECT, no asterisk form and no invented method", async () => {
    await expectFault(send("OPTIONS * HTTP/1.1"), 400, "malformed");
    await expectFault(send("STEAL /profile HTTP/1.1"), 400, "malformed");
    const closed = await sendRaw(server.port, request(server.port, "CONNECT evil.example:443 HTTP/1.1"));
    expect(closed.status).toBeNaN();
    expect(server.effects).toEqual([]);
  });
});

describe("answers that reveal nothing (S-110)", () => {
  it("says 500 and no more when a handler throws", async () => {
    const answer = await send("GET /crash HTTP/1.1");
    expect(answer.status).toBe(500);
    expect(answer.body).toBe('{"kind":"internal"}');
  });

  it("marks answers written before there is a request as not to be stored (S-55)", async () => {
    const answers = [await sendRaw(server.port, "hello\r\n\r\n"), await send("GET /request/%zz HTTP/1.1")];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    }
  });

  it("sends no CORS header, whatever the origin (S-57)", async () => {
    for (const origin of ["https://evil.example", "null"]) {
      const { headers } = await send("GET /profile HTTP/1.1", [`Origin: ${origin}`]);
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});
