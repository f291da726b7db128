import { upstoxRoutes } from "@kunji/contract/upstox";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import {
  type Answer,
  call,
  type ExpectedError,
  exchange,
  expectErrors,
  expectVendorShape,
  FORM,
  issueCode,
  MORNING,
  tokenForm,
} from "./_api.ts";

const PATH = upstoxRoutes.token.path;

let broker: TestBroker;
/** Stays good through every refused request: bad input changes nothing. */
let code: string;
beforeAll(async () => {
  broker = await startBroker({ customers: 1 });
  broker.clock.freeze(MORNING);
});
beforeEach(async () => {
  code = await issueCode(broker);
});
afterAll(() => broker.close());

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = FORM, query = "") =>
  call(broker, "POST", PATH + query, { headers, body });

async function expectCodeUnspent(): Promise<void> {
  expect((await exchange(broker, code)).status).toBe(200);
}

const REQUIRED: [string, ExpectedError][] = [
  ["code", ["UDAPI1022", "code"]],
  ["client_id", ["UDAPI1017", "client_id"]],
  ["client_secret", ["UDAPI1024", "client_secret"]],
  ["redirect_uri", ["UDAPI1018", "redirect_uri"]],
  ["grant_type", ["UDAPI1023", "grant_type"]],
];

describe("POST /v2/login/authorization/token: missing fields", () => {
  it.each(REQUIRED)("%s left out or empty", async (name, error) => {
    expectErrors(await exchange(broker, code, { [name]: undefined }), 400, error);
    expectErrors(await exchange(broker, code, { [name]: "" }), 400, error);
    await expectCodeUnspent();
  });

  it("several are several entries, in the order the SDKs send them", async () => {
    const answer = await exchange(broker, code, { redirect_uri: "", client_id: undefined });
    expectErrors(answer, 400, ["UDAPI1017", "client_id"], ["UDAPI1018", "redirect_uri"]);
  });

  it("no form at all, as both SDKs send it for token() without options, is all five", async () => {
    const all = REQUIRED.map(([, error]) => error);
    expectErrors(await post(""), 400, ...all);
    expectErrors(await call(broker, "POST", PATH), 400, ...all);
  });
});

describe("POST /v2/login/authorization/token: values", () => {
  it("refuses another grant type and a refresh_extended_token that is neither true nor false", async () => {
    expectErrors(await exchange(broker, code, { grant_type: "password" }), 400, ["UDAPI100036", "grant_type"]);
    expectErrors(await exchange(broker, code, { refresh_extended_token: "yes" }), 400, [
      "UDAPI100036",
      "refresh_extended_token",
    ]);
    await expectCodeUnspent();
  });

  it("takes optional fields without a value as left out (RFC 6749 3.2)", async () => {
    expect((await exchange(broker, code, { refresh_extended_token: "", code_verifier: "" })).status).toBe(200);
  });

  it.each(["unknown=1", "__proto__=1", "constructor=1", "scope=read"])(
    "ignores a field it does not know: %s",
    async (field) => {
      expect((await post(`${tokenForm(broker, code)}&${field}`)).status).toBe(200);
      expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
    },
  );

  it.each(["code", "client_id", "client_secret", "redirect_uri", "grant_type"])(
    "refuses %s twice, also when both are alike (S-101)",
    async (name) => {
      const form = tokenForm(broker, code);
      const again = form.split("&").find((pair) => pair.startsWith(`${name}=`));
      expectErrors(await post(`${form}&${again}`), 400, ["UDAPI100038", name]);
      await expectCodeUnspent();
    },
  );

  it.each([
    ["a broken escape", "&x=%zz"],
    ["NUL", "&x=%00"],
    ["broken UTF-8", "&x=%ff%fe"],
    ["a surrogate", "&x=%ed%a0%80"],
    ["a raw byte", "&x=\u00e9"],
    ["a field without a name", "&=x"],
    ["a value over 2048 bytes", `&x=${"a".repeat(2049)}`],
    ["33 fields", Array.from({ length: 28 }, (_, n) => `&x${n}=1`).join("")],
  ])("refuses %s", async (_name, tail) => {
    expectErrors(await post(tokenForm(broker, code) + tail), 400, "UDAPI100038");
    await expectCodeUnspent();
  });
});

describe("POST /v2/login/authorization/token: one way to authenticate (S-22)", () => {
  it("refuses an Authorization: Basic header beside or instead of the body", async () => {
    const { clientId, clientSecret } = broker.upstox.app;
    const basic = { ...FORM, authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
    expectErrors(await post(tokenForm(broker, code), basic), 400, "UDAPI100036");
    expectErrors(await post(tokenForm(broker, code, { client_secret: undefined }), basic), 400, "UDAPI100036");
    await expectCodeUnspent();
  });

  it("refuses anything in the URL", async () => {
    const secret = `?client_secret=${broker.upstox.app.clientSecret}`;
    expectErrors(await post(tokenForm(broker, code, { client_secret: undefined }), FORM, secret), 400, "UDAPI100036");
    expectErrors(await post(tokenForm(broker, code), FORM, secret), 400, "UDAPI100038");
    expectErrors(await post(tokenForm(broker, code), FORM, "?x=1"), 400, "UDAPI100036");
    await expectCodeUnspent();
  });

  it("does not mind the empty bearer header of the Python SDK, nor any Api-Version", async () => {
    const headers = { ...FORM, authorization: "Bearer ", "api-version": "9.9" };
    expect((await post(tokenForm(broker, code), headers)).status).toBe(200);
  });
});

describe("POST /v2/login/authorization/token: content (S-100, S-104)", () => {
  it.each([
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=latin1",
  ])("answers 415 to %s", async (type) => {
    expectErrors(await post(tokenForm(broker, code), { "content-type": type }), 415, "UDAPI100038");
    await expectCodeUnspent();
  });

  it("answers 415 to a body without a type and to a coded one", async () => {
    const bytes = new TextEncoder().encode(tokenForm(broker, code));
    expectErrors(await call(broker, "POST", PATH, { body: bytes }), 415, "UDAPI100038");
    expectErrors(await post(bytes, { ...FORM, "content-encoding": "gzip" }), 415, "UDAPI100038");
    await expectCodeUnspent();
  });

  it("takes charset=utf-8 in any case", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" };
    expect((await post(tokenForm(broker, code), headers)).status).toBe(200);
  });

  it("answers 413 to one byte more than 16 KiB", async () => {
    const form = `${tokenForm(broker, code)}&`;
    // Runs of & hold no field, so the size is all that is wrong with the second.
    expect((await post(form.padEnd(16 * 1024, "&"))).status).toBe(200);
    code = await issueCode(broker);
    expectErrors(await post(`${tokenForm(broker, code)}&`.padEnd(16 * 1024 + 1, "&")), 413, "UDAPI100038");
    await expectCodeUnspent();
  });

  it("answers 414 to a target over 8 KiB and 406 to a caller who cannot read JSON", async () => {
    expectErrors(await post("", FORM, `?x=${"a".repeat(9000)}`), 414, "UDAPI10000");
    expectErrors(await post(tokenForm(broker, code), { ...FORM, accept: "text/html" }), 406, "UDAPI10000");
    await expectCodeUnspent();
  });
});

describe("the API's paths and methods (S-108)", () => {
  const routes = Object.values(upstoxRoutes).filter((route) => route.id !== "authorize");

  it.each(routes.map((route) => [route.method, route.path.replace("{client_id}", "x")] as const))(
    "%s %s answers 405 with Allow to every other method",
    async (_method, path) => {
      const allowed = routes.filter((route) => route.path.replace("{client_id}", "x") === path).map((r) => r.method);
      for (const other of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        if ((allowed as string[]).includes(other)) continue;
        const answer = await call(broker, other, path);
        expectErrors(answer, 405, "UDAPI10000");
        expect(answer.headers.get("allow")?.split(", ").sort()).toEqual([...allowed].sort());
      }
      const head = await call(broker, "HEAD", path);
      expect([head.status, head.text]).toEqual([405, ""]);
    },
  );

  it("no method override moves a request to another route", async () => {
    const headers = { "x-http-method-override": "DELETE", "x-method-override": "DELETE" };
    expectErrors(await call(broker, "GET", "/v2/logout", { headers }), 405, "UDAPI10000");
  });

  it.each([
    "/v2/Login/authorization/token",
    "/v2/login/authorization/token/",
    "/v2/user/unknown",
    "/v3/logout",
    "/v2/login/%61uthorization/tokenx",
  ])("%s is 404 UDAPI100060", async (path) => {
    expectErrors(await call(broker, "POST", path), 404, ["UDAPI100060", null]);
  });

  it.each(routes.map((route) => [route.method, route.path.replace("{client_id}", "x")] as const))(
    "%s %s answers 406 where JSON is refused, and takes any way of accepting it",
    async (method, path) => {
      for (const accept of ["text/html", "text/plain", "application/json;q=0", "image/*"]) {
        expectErrors(await call(broker, method, path, { headers: { accept } }), 406, "UDAPI10000");
      }
      for (const accept of ["*/*", "application/json", "text/html, application/json;q=0.9", "application/*"]) {
        const answer: Answer = await call(broker, method, path, { headers: { accept } });
        expect(answer.status).not.toBe(406);
        expectVendorShape(answer);
      }
    },
  );
});
