import { upstoxErrors } from "@kunji/contract/upstox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { selectOne } from "../../src/store/verb.ts";
import { readHeading } from "../../src/testing/html-form.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import type { UpstoxDemoApp } from "../../src/upstox/demo-upstox.ts";
import { setAppStatus } from "../_app-status.ts";
import { Browser } from "../login/_browser.ts";
import { shownOn } from "../login/_login.ts";
import { addClient } from "../login/_people.ts";

const DIALOG = "/v2/login/authorization/dialog";
const REGISTERED = "https://desk.example.in/upstox/callback";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

let broker: TestBroker;
let app: UpstoxDemoApp;
beforeAll(async () => {
  broker = await startBroker({ customers: 1 });
  app = await addClient(broker.server.parts, { redirectUris: [REGISTERED] });
});
afterAll(() => broker.close());

const right = () => ({ response_type: "code", client_id: app.clientId, redirect_uri: app.redirectUri });

/** Opens the dialog; a field that is undefined is left out. */
async function open(fields: Readonly<Record<string, string | undefined>>, accept = "application/json") {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(`${broker.url}${DIALOG}?${new URLSearchParams(given)}`, {
    headers: { accept },
    redirect: "manual",
  });
  return { response, text: await response.text() };
}

async function refusal(fields: Readonly<Record<string, string | undefined>>) {
  const { response, text } = await open(fields);
  expect(response.headers.has("location"), "a refused dialog never redirects (S-05)").toBe(false);
  expect(response.headers.has("set-cookie")).toBe(false);
  const body = JSON.parse(text) as { errors: { error_code: string; property_path: string | null }[] };
  return { status: response.status, errors: body.errors.map((entry) => [entry.error_code, entry.property_path]) };
}

describe("GET /v2/login/authorization/dialog: a good request", () => {
  it("leads with 302 to the login page under an opaque handle (S-08)", async () => {
    const { response } = await open({ ...right(), state: "n7Qk2" });
    expect(response.status).toBe(302);
    const location = response.headers.get("location") ?? "";
    expect(location).toMatch(/^\/login\/upstox\/[0-9a-f]{24}$/);
    expect(location).not.toContain(app.clientId);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("sets one opaque host-only cookie that scripts cannot read and that lives as long as the login (S-38)", async () => {
    const { response } = await open(right());
    const [cookie = "", ...more] = response.headers.getSetCookie();
    expect(more).toEqual([]);
    const [pair = "", ...attributes] = cookie.split("; ");
    expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax"]);
    const handle = response.headers.get("location")?.split("/").at(-1);
    expect(pair).toMatch(new RegExp(`^kunji-login-${handle}=[0-9a-f]{24}[A-Za-z0-9_-]{43}$`));
  });

  it.each([
    ["without response_type, as the official SDKs send it", { response_type: undefined }],
    ["with a scope", { scope: "read write" }],
    ["with an empty state", { state: "" }],
    ["with parameters nobody knows", { prompt: "login", nonce: "n", __proto__x: "1" }],
    ["with PKCE S256", { code_challenge: CHALLENGE, code_challenge_method: "S256" }],
  ])("is accepted %s", async (_what, more) => {
    expect((await open({ ...right(), ...more })).response.status).toBe(302);
  });

  it("accepts HEAD and OPTIONS without any effect (S-108)", async () => {
    const attempts = () =>
      broker.server.parts.db.read(() => selectOne<{ n: number }>("SELECT COUNT(*) AS n FROM attempts"));
    const before = await attempts();
    for (const method of ["HEAD", "OPTIONS"]) {
      const answer = await fetch(`${broker.url}${DIALOG}?${new URLSearchParams(right())}`, {
        method,
        redirect: "manual",
      });
      expect(answer.status).toBe(405);
      expect(answer.headers.has("set-cookie")).toBe(false);
    }
    expect(await attempts()).toEqual(before);
  });
});

describe("GET /v2/login/authorization/dialog: checks in the documented order", () => {
  it("names both missing parameters at once", async () => {
    const both = [
      ["UDAPI1017", "client_id"],
      ["UDAPI1018", "redirect_uri"],
    ];
    expect(await refusal({})).toEqual({ status: 400, errors: both });
    expect(await refusal({ client_id: "", redirect_uri: "", response_type: "token" })).toEqual({
      status: 400,
      errors: both,
    });
  });

  it("names one missing parameter before it looks at the other", async () => {
    expect(await refusal({ redirect_uri: app.redirectUri })).toEqual({
      status: 400,
      errors: [["UDAPI1017", "client_id"]],
    });
    expect(await refusal({ client_id: "unknown" })).toEqual({ status: 400, errors: [["UDAPI1018", "redirect_uri"]] });
  });

  it("answers an unknown app, a wrong redirect URI and both with the same words", async () => {
    const wrong = { status: 400, errors: [["UDAPI100068", null]] };
    const unknown = "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa";
    expect(await refusal({ ...right(), client_id: unknown })).toEqual(wrong);
    expect(await refusal({ ...right(), client_id: app.clientId.toUpperCase() })).toEqual(wrong);
    expect(await refusal({ ...right(), redirect_uri: "https://evil.example/cb" })).toEqual(wrong);
    expect(await refusal({ client_id: unknown, redirect_uri: "x", response_type: "token" })).toEqual(wrong);
  });

  it("does not take the registered URI of another app", async () => {
    const other = await addClient(broker.server.parts, { redirectUris: ["https://other.example.in/cb"] });
    expect(await refusal({ ...right(), redirect_uri: other.redirectUri })).toEqual({
      status: 400,
      errors: [["UDAPI100068", null]],
    });
  });

  it.each(["inactive", "in-review", "rejected", "expired"] as const)("refuses an app that is %s", async (status) => {
    const idle = await addClient(broker.server.parts);
    await setAppStatus(broker, idle.clientId, status);
    const request = { client_id: idle.clientId, redirect_uri: idle.redirectUri, response_type: "token" };
    expect(await refusal(request)).toEqual({ status: 401, errors: [["UDAPI100073", null]] });
  });

  it("refuses an app that may not use codes (S-25)", async () => {
    const push = await addClient(broker.server.parts, { flows: ["token_request"] });
    expect(await refusal({ client_id: push.clientId, redirect_uri: push.redirectUri })).toEqual({
      status: 403,
      errors: [["UDAPI100049", null]],
    });
  });

  it.each(["token", "code token", "CODE", "", " code"])("refuses response_type %j", async (responseType) => {
    expect(await refusal({ ...right(), response_type: responseType })).toEqual({
      status: 400,
      errors: [["UDAPI100036", "response_type"]],
    });
  });

  it("writes the seven keys of a live body", async () => {
    const { response, text } = await open({ ...right(), redirect_uri: "https://evil.example/cb" });
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    const { message } = upstoxErrors.UDAPI100068;
    expect(text).toBe(
      `{"status":"error","errors":[{"errorCode":"UDAPI100068","message":${JSON.stringify(message)},"propertyPath":null,` +
        `"invalidValue":null,"error_code":"UDAPI100068","property_path":null,"invalid_value":null}]}`,
    );
  });
});

describe("GET /v2/login/authorization/dialog: what a person sees of a refusal", () => {
  it.each([
    ["an unknown app", { client_id: "<script>alert(1)</script>" }],
    ["a wrong redirect URI", { redirect_uri: "https://evil.example/<b>" }],
    ["a wrong response_type", { response_type: "<i>token" }],
  ])("is a page without a word of %s in it, and no redirect (S-05, S-56)", async (_what, wrong) => {
    const { response, text } = await open({ ...right(), ...wrong }, "text/html,application/xhtml+xml,*/*;q=0.8");
    expect(response.status).toBe(400);
    expect(response.headers.has("location")).toBe(false);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(readHeading(text)).toBe("This login link does not work");
    for (const value of Object.values(wrong)) expect(text).not.toContain(value);
  });

  it("says to the app's developer what is wrong, when it is neither app nor redirect URI", async () => {
    const idle = await addClient(broker.server.parts);
    await setAppStatus(broker, idle.clientId, "inactive");
    const cases = [
      [{ ...right(), response_type: "token" }, "Invalid Input (response_type)"],
      [{ ...right(), code_challenge: "x" }, "Invalid Input (code_challenge"],
      [{ client_id: idle.clientId, redirect_uri: idle.redirectUri }, "Your &#39;client_id&#39; is inactive."],
      [{ ...right(), client_id: "x" }, "client_id or redirect_uri is incorrect"],
    ] as const;
    for (const [request, reason] of cases) {
      const { text } = await open(request, "text/html");
      expect(text.replaceAll("'", "&#39;")).toContain(reason);
    }
  });
});

describe("GET /v2/login/authorization/dialog: the redirect URI is compared byte for byte (S-01, S-02)", () => {
  const lookAlikes = [
    "HTTPS://desk.example.in/upstox/callback",
    "https://Desk.example.in/upstox/callback",
    "https://desk.example.in:443/upstox/callback",
    "https://desk.example.in/upstox/callback/",
    "https://desk.example.in/upstox/callback?",
    "https://desk.example.in/upstox/callback#",
    "https://desk.example.in/upstox/callback#x",
    "https://desk.example.in/upstox/callback?a=1",
    "https://desk.example.in/upstox/./callback",
    "https://desk.example.in/upstox/x/../callback",
    "https://desk.example.in/upstox/%63allback",
    "https://desk.example.in\\upstox\\callback",
    "https:/desk.example.in/upstox/callback",
    "https:desk.example.in/upstox/callback",
    "//desk.example.in/upstox/callback",
    "http://desk.example.in/upstox/callback",
    " https://desk.example.in/upstox/callback",
    "https://desk.example.in/upstox/callback ",
    "https://user@desk.example.in/upstox/callback",
    "https://desk.example.in@evil.example/upstox/callback",
    "https://desk.example.in.evil.example/upstox/callback",
    "https://desk\uff0eexample.in/upstox/callback",
    "https://desk.example\u3002in/upstox/callback",
    "https://desk\u200b.example.in/upstox/callback",
    "https://d\u0435sk.example.in/upstox/callback",
    "https://desk.example.in/upstox/callbac",
    "https://desk.example.in/upstox/callbackk",
    "https://desk.example.in/Upstox/callback",
    "javascript:alert(1)",
    `${REGISTERED},${REGISTERED}`,
  ];

  it.each(lookAlikes)("refuses %j", async (uri) => {
    expect(await refusal({ ...right(), redirect_uri: uri })).toEqual({ status: 400, errors: [["UDAPI100068", null]] });
  });

  it.each(["https://desk.example.in/upst\tox/callback", `${REGISTERED}\0`, `${REGISTERED}\r\nx: y`])(
    "refuses %j, which no parser may repair",
    async (uri) => {
      const { status } = await refusal({ ...right(), redirect_uri: uri });
      expect(status).toBe(400);
    },
  );

  it("lets a native app choose the port on 127.0.0.1 and nothing else (S-04)", async () => {
    const native = await addClient(broker.server.parts, { native: true, redirectUris: ["http://127.0.0.1/cb"] });
    const pkce = { code_challenge: CHALLENGE, code_challenge_method: "S256" };
    const ask = (uri: string) => open({ client_id: native.clientId, redirect_uri: uri, ...pkce });
    for (const uri of ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"]) {
      expect((await ask(uri)).response.status, uri).toBe(302);
    }
    for (const uri of [
      "http://127.1/cb",
      "http://0x7f.0.0.1/cb",
      "http://localhost:7475/cb",
      "http://[::1]:7475/cb",
      "http://127.0.0.1:65536/cb",
      "http://127.0.0.1:0/cb",
      "http://127.0.0.1:80@evil.example/cb",
      "https://127.0.0.1:7475/cb",
      "http://127.0.0.1:7475/cb/",
    ]) {
      expect((await ask(uri)).response.status, uri).toBe(400);
    }
  });
});

describe("GET /v2/login/authorization/dialog: PKCE (S-18, S-19)", () => {
  it.each([
    ["the plain method", { code_challenge: CHALLENGE, code_challenge_method: "plain" }, "code_challenge_method"],
    ["no method, which means plain", { code_challenge: CHALLENGE }, "code_challenge_method"],
    ["a lower-case method", { code_challenge: CHALLENGE, code_challenge_method: "s256" }, "code_challenge_method"],
    ["a method without a challenge", { code_challenge_method: "S256" }, "code_challenge"],
    ["an empty challenge", { code_challenge: "", code_challenge_method: "S256" }, "code_challenge"],
    ["a short challenge", { code_challenge: CHALLENGE.slice(1), code_challenge_method: "S256" }, "code_challenge"],
    ["a long challenge", { code_challenge: `${CHALLENGE}A`, code_challenge_method: "S256" }, "code_challenge"],
    [
      "a padded challenge",
      { code_challenge: `${CHALLENGE.slice(1)}=`, code_challenge_method: "S256" },
      "code_challenge",
    ],
  ])("refuses %s", async (_what, pkce, property) => {
    expect(await refusal({ ...right(), ...pkce })).toEqual({ status: 400, errors: [["UDAPI100036", property]] });
  });

  it("demands it of native apps", async () => {
    const native = await addClient(broker.server.parts, { native: true, redirectUris: ["http://127.0.0.1/cb"] });
    expect(await refusal({ client_id: native.clientId, redirect_uri: "http://127.0.0.1:7475/cb" })).toEqual({
      status: 400,
      errors: [["UDAPI100036", "code_challenge"]],
    });
  });
});

describe("GET /v2/login/authorization/dialog: odd requests", () => {
  it.each(["client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge", "unknown"])(
    "refuses %s sent twice (S-101)",
    async (name) => {
      const query = new URLSearchParams({ ...right(), state: "s", scope: "read", unknown: "1" });
      if (name === "code_challenge") query.append(name, CHALLENGE);
      query.append(name, query.get(name) ?? "");
      const response = await fetch(`${broker.url}${DIALOG}?${query}`, { redirect: "manual" });
      expect(response.status).toBe(400);
      expect(response.headers.has("location")).toBe(false);
      expect(await response.json()).toMatchObject({ errors: [{ error_code: "UDAPI100038", property_path: name }] });
    },
  );

  it("answers another spelling of the path with 404 and another method with 405, in the vendor's shape", async () => {
    const lost = await fetch(`${broker.url}/v2/Login/authorization/dialog`);
    expect(lost.status).toBe(404);
    const post = await fetch(`${broker.url}${DIALOG}`, { method: "POST", body: new URLSearchParams(right()) });
    expect(post.status).toBe(405);
    expect(post.headers.get("allow")).toBe("GET");
    expect(await post.json()).toMatchObject({ status: "error" });
  });

  it("shows the login page to a browser that follows, and the same words to every program that does", async () => {
    const browser = new Browser(broker.url);
    const { location = "" } = await browser.get(`${DIALOG}?${new URLSearchParams(right())}`);
    expect(shownOn(await browser.get(location))).toBe("mobile");
    const program = { accept: "*/*" };
    const real = await new Browser(broker.url, program).get(location);
    const invented = await new Browser(broker.url, program).get(`${location.slice(0, -4)}0000`);
    expect([real.status, real.html]).toEqual([200, invented.html]);
    expect(real.html).not.toContain("<form");
  });
});
