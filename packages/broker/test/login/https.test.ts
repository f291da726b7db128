import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_DEFAULTS } from "../../src/demo/demo.ts";
import { type RunningBroker, startServer } from "../../src/server.ts";
import { readSettings } from "../../src/settings.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import type { UpstoxDemo } from "../../src/upstox/demo-upstox.ts";
import { type Answer, Browser } from "./_browser.ts";
import { csrfOf, shownOn } from "./_login.ts";

const PUBLIC = "https://login.example.in";

let server: RunningBroker;
let demo: UpstoxDemo;
/** Where the broker listens. */
let port: number;
/** Where its TLS proxy would listen: it gives the broker the public name as Host. */
let proxy: http.Server;
let local: string;
beforeAll(async () => {
  port = await freePort();
  proxy = http.createServer((request, response) => {
    const headers = { ...request.headers, host: "login.example.in" };
    const { method, url: path } = request;
    const forwarded = http.request({ port, host: "127.0.0.1", method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  local = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  server = await startServer({
    port,
    host: "127.0.0.1",
    database: "sqlite::memory:",
    masterKey: randomBytes(32),
    settings: { ...readSettings({}), KUNJI_PUBLIC_URL: `${PUBLIC}/` },
    demo: { ...DEMO_DEFAULTS, customers: 1 },
  });
  if (!server.demo) throw new Error("no demo data");
  demo = server.demo.upstox;
});
afterAll(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await server.close(1_000);
});

/** The server names its public address, so a test has to know the port beforehand. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

const browse = () => new Browser(local, { origin: PUBLIC });

/** Status of a page for this Host. */
async function statusFor(host: string, path = "/"): Promise<number | undefined> {
  const request = http.get({ port, path, host: "127.0.0.1", headers: { host, accept: "text/html" }, agent: false });
  const [answer] = (await once(request, "response")) as [http.IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

const openDialog = (browser: Browser) => browser.get(upstoxAuthorizationUrl(local, demo.app, {}));

async function nextPage(browser: Browser, answer: Answer, fields: Record<string, string>): Promise<Answer> {
  const path = new URL(answer.url).pathname;
  const posted = await browser.post(path, { csrf: csrfOf(answer), ...fields }, { origin: PUBLIC });
  return posted.location?.startsWith("/") ? await browser.get(posted.location) : posted;
}

describe("a broker whose public address is https", () => {
  it("sets __Host- cookies that travel over TLS only (S-38)", async () => {
    const { headers } = await openDialog(browse());
    const [cookie = ""] = headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-kunji-login-[0-9a-f]{24}=/);
    expect(cookie.split("; ").slice(1).sort()).toEqual(["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax", "Secure"]);
  });

  it("tells browsers for a year to come by https only, on pages, redirects, errors and JSON (S-54)", async () => {
    const browser = browse();
    const dialog = await openDialog(browser);
    const page = await browser.get(dialog.location ?? "");
    const answers = [dialog, page, await browser.get("/nowhere"), await browser.get("/v2/user/profile")];
    answers.push(
      await browser.get("/account"),
      await browser.post("/login/upstox/x", {}, { origin: "https://evil.example" }),
    );
    for (const { url, headers } of answers) {
      expect(headers.get("strict-transport-security"), url).toBe("max-age=31536000");
    }
  });

  it("logs a person in through the pages and signs a console in with a __Host- cookie", async () => {
    const browser = browse();
    const [who] = demo.customers;
    const start = await browser.get("/account/login/upstox");
    let page = await browser.get(start.location ?? "");
    page = await nextPage(browser, page, { mobile_number: who?.mobileNumber ?? "" });
    await server.settled();
    const otp = (await server.inbox?.list())?.[0]?.otp ?? "";
    page = await nextPage(browser, page, { otp });
    page = await nextPage(browser, page, { pin: who?.pin ?? "" });
    expect(new URL(page.url).pathname).toBe("/account");
    expect([...browser.cookies.keys()]).toEqual(["__Host-kunji-account"]);
  });

  it("names itself as issuer to the app and takes forms from its own origin only (S-36)", async () => {
    const browser = browse();
    const page = await browser.get((await openDialog(browser)).location ?? "");
    expect(shownOn(page)).toBe("mobile");
    const path = new URL(page.url).pathname;
    const form = { csrf: csrfOf(page), decision: "deny" };
    for (const origin of ["http://login.example.in", `${PUBLIC}:444`, local]) {
      expect((await browser.post(path, form, { origin })).status, origin).toBe(400);
    }
    const answer = await browser.post(path, form, { origin: PUBLIC });
    expect(new URL(answer.location ?? "").searchParams.get("iss")).toBe(PUBLIC);
  });

  it("ignores a cookie of that name without the prefix, which anybody on the network could have set", async () => {
    const browser = browse();
    const { location = "" } = await openDialog(browser);
    const [[name, value] = ["", ""]] = browser.cookies;
    const tossed = browse();
    tossed.cookies.set(name.replace("__Host-", ""), value);
    expect(shownOn(await tossed.get(location))).toBe("error");
  });

  it("answers to its own names only (S-107)", async () => {
    for (const host of [
      "evil.example",
      "login.example.in.evil.example",
      "login.example.in:444",
      "login.example.in@x",
    ]) {
      expect(await statusFor(host), host).toBe(400);
    }
    for (const host of ["login.example.in", "login.example.in:443", "LOGIN.example.in"]) {
      expect(await statusFor(host), host).toBe(200);
    }
  });

  it("shows its numbers to this machine only, not to whoever comes through the proxy", async () => {
    expect((await browse().get("/metrics")).status).toBe(404);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      expect(await statusFor(host, "/metrics"), host).toBe(200);
    }
  });
});
