import { describe, expect, it } from "vitest";
import { request } from "./_raw-request.ts";
import { rawSuite } from "./_raw-suite.ts";

const { send, sendBytes, form, json, chunked, expectFault, port } = rawSuite();

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
    const raw = (target: string) => sendBytes(Buffer.from(request(port(), `GET ${target} HTTP/1.1`), "latin1"));
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
