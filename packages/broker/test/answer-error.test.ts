import { describe, expect, it } from "vitest";
import { readHeading } from "../src/testing/html-form.ts";
import { startBroker } from "../src/testing/index.ts";

const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

describe("an error of an operation that a browser opens", () => {
  it.each([
    "/v2/login/authorization/dialog?client_id=a&client_id=b",
    "/v2/login/authorization/dialog?state=%ff",
    "/v2/api-gw/oauth/authorize?client_id=a&client_id=b",
    "/v2/api-gw/oauth/order-connect?params=%ff",
  ])("%s is a page for a person and JSON for a program, and no redirect for either (S-05)", async (path) => {
    await using broker = await startBroker({ customers: 1 });
    const page = await fetch(broker.url + path, { headers: browser, redirect: "manual" });
    expect([page.status, page.headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
    const json = await fetch(broker.url + path, { redirect: "manual" });
    expect([json.status, json.headers.get("content-type")?.split(";")[0]]).toEqual([400, "application/json"]);
  });

  it("is JSON for everybody where programs call", async () => {
    await using broker = await startBroker({ customers: 1 });
    const answer = await fetch(`${broker.url}/v2/user/profile?a=1&a=2`, { headers: browser });
    expect([answer.status, answer.headers.get("content-type")?.split(";")[0]]).toEqual([400, "application/json"]);
  });
});

describe("an address that cannot be read", () => {
  const long = "x".repeat(300);

  it.each([
    ["/account/apps/%ff", 400],
    ["/account/apps/%", 400],
    ["/login/upstox/%c3%28", 400],
    ["/%ff", 400],
    [`/account/apps/${long}`, 414],
  ])("%s is a page for a person, with a page's headers, and JSON for a program", async (path, status) => {
    await using broker = await startBroker({ customers: 1 });
    const page = await fetch(broker.url + path, { headers: browser });
    const html = await page.text();
    expect([page.status, page.headers.get("content-type")]).toEqual([status, "text/html; charset=utf-8"]);
    expect(Number(page.headers.get("content-length"))).toBe(Buffer.byteLength(html));
    expect([readHeading(html), html.includes(path)]).toEqual(["Page not found", false]);
    const found = await fetch(`${broker.url}/nowhere`, { headers: browser });
    for (const name of ["content-security-policy", "cache-control", "x-frame-options", "referrer-policy"]) {
      expect(page.headers.get(name), name).toBe(found.headers.get(name));
    }
    const json = await fetch(broker.url + path);
    expect([json.status, await json.json()]).toMatchObject([status, { status: "error" }]);
  });

  it("is JSON for everybody where programs call, in the shape of the broker called", async () => {
    await using broker = await startBroker({ customers: 1 });
    for (const [path, body] of [
      ["/v2/user/%ff", { status: "error" }],
      ["/v2/api/%ff", { s: "error" }],
      ["/oauth/%ff", { error: "invalid_request" }],
    ] as const) {
      const answer = await fetch(broker.url + path, { headers: browser });
      expect([answer.status, await answer.json()], path).toMatchObject([400, body]);
    }
  });
});

it("a path that no broker has is answered in the shape of the broker its beginning belongs to", async () => {
  await using broker = await startBroker({ customers: 1 });
  for (const path of ["/v2/api", "/v2/api/", "/v2/api/nothing", "/v2/api-gw", "/v2/api-gw/oauth"]) {
    const answer = await fetch(broker.url + path);
    expect([answer.status, await answer.json()], path).toEqual([404, { s: "error", msg: "Resource not found" }]);
  }
  for (const path of ["/v2/user", "/v2/apis", "/v3", "/nothing"]) {
    const answer = await fetch(broker.url + path);
    expect([answer.status, await answer.json()], path).toMatchObject([404, { status: "error" }]);
  }
});

it("metrics count exchanges that a wrong secret ended", async () => {
  await using broker = await startBroker({ customers: 1 });
  const body = new URLSearchParams({
    code: "x",
    client_id: broker.upstox.app.clientId,
    client_secret: "wrong",
    redirect_uri: broker.upstox.app.redirectUri,
    grant_type: "authorization_code",
  });
  expect((await fetch(`${broker.url}/v2/login/authorization/token`, { method: "POST", body })).status).toBe(401);
  const metrics = await (await fetch(`${broker.url}/metrics`)).text();
  expect(metrics).toContain('kunji_code_exchanges_total{broker="upstox",outcome="client-refused"} 1');
});
