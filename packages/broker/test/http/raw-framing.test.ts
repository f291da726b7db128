import { describe, expect, it } from "vitest";
import { request } from "./_raw-request.ts";
import { rawSuite } from "./_raw-suite.ts";

const { send, sendBytes, form, expectFault, effects, port } = rawSuite();

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
    expect(effects()).toEqual(["GET /profile", "DELETE /logout"]);
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
    await expectFault(sendBytes("GET /profile HTTP/1.1\r\nConnection: close\r\n\r\n"), 400, "bad-host");
    await expectFault(sendBytes("GET /profile HTTP/1.0\r\n\r\n"), 400, "bad-host");
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
    await expectFault(sendBytes(Buffer.from(bytes, "latin1")), 400, "malformed");
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

describe("methods (S-108)", () => {
  it.each(["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "SEARCH", "LOCK"])(
    "%s on a path that has GET only is refused and names GET",
    async (method) => {
      const answer = await send(`${method} /profile HTTP/1.1`);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("GET");
      expect(effects()).toEqual([]);
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
    expect(effects()).toEqual(["POST /logout"]);
  });

  it("knows no CONNECT, no asterisk form and no invented method", async () => {
    await expectFault(send("OPTIONS * HTTP/1.1"), 400, "malformed");
    await expectFault(send("STEAL /profile HTTP/1.1"), 400, "malformed");
    const closed = await sendBytes(request(port(), "CONNECT evil.example:443 HTTP/1.1"));
    expect(closed.status).toBeNaN();
    expect(effects()).toEqual([]);
  });
});

describe("answers that reveal nothing (S-110)", () => {
  it("says 500 and no more when a handler throws", async () => {
    const answer = await send("GET /crash HTTP/1.1");
    expect(answer.status).toBe(500);
    expect(answer.body).toBe('{"kind":"internal"}');
  });

  it("marks answers written before there is a request as not to be stored (S-55)", async () => {
    const answers = [await sendBytes("hello\r\n\r\n"), await send("GET /request/%zz HTTP/1.1")];
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
