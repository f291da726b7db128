import { describe, expect, it } from "vitest";
import { demoAccount, MORNING } from "../_kept.ts";
import { type Answer, type Call, call, open } from "./_request.ts";
import { startKeptService, type TestService } from "./_service.ts";
import { TestClock } from "./_service-clock.ts";

/** A browser that was let in: it sends its cookie, and says where its requests come from. */
interface Visitor {
  readonly cookie: string;
  readonly get: (path: string, headers?: Call["headers"]) => Promise<Answer>;
  readonly post: (path: string, form?: Readonly<Record<string, string>>, headers?: Call["headers"]) => Promise<Answer>;
  /** Of the page as it is now. */
  readonly csrf: () => Promise<string>;
}

const NAVIGATION = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };

async function letIn(service: TestService): Promise<Visitor> {
  const { url } = service.running;
  const link = new URL(service.running.createDashboardLink());
  const entered = await call(url, link.pathname, { headers: NAVIGATION });
  const cookie = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
  const get = (path: string, headers: Call["headers"] = SAME_ORIGIN) =>
    call(url, path, { headers: { cookie, ...headers } });
  const csrf = async () => /name="csrf" value="([^"]+)"/.exec((await get("/")).text)?.[1] ?? "";
  return {
    cookie,
    get,
    csrf,
    async post(path, form, headers = { ...SAME_ORIGIN, origin: url }) {
      const body = new URLSearchParams(form ?? { csrf: await csrf() }).toString();
      const type = "application/x-www-form-urlencoded";
      const length = Buffer.byteLength(body);
      return call(url, path, {
        method: "POST",
        body,
        headers: { cookie, "content-type": type, "content-length": length, ...headers },
      });
    },
  };
}

describe("the link that is printed at the start", () => {
  it("gives one browser a strict cookie and leads to a clean address", async () => {
    await using it = await startKeptService();
    const { url } = it.service.running;
    const link = new URL(it.service.running.createDashboardLink());
    expect(link.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]{43}$/);
    const entered = await call(url, link.pathname, { headers: NAVIGATION });
    expect([entered.status, entered.headers.location]).toEqual([303, "/"]);
    expect(entered.headers["set-cookie"]).toEqual([
      expect.stringMatching(/^kunji-keeper-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect((await call(url, link.pathname, { headers: NAVIGATION })).status).toBe(401);
  });

  it("is not spent by a browser that loads pages ahead", async () => {
    await using it = await startKeptService();
    const { url } = it.service.running;
    const { pathname } = new URL(it.service.running.createDashboardLink());
    const ahead = await call(url, pathname, { headers: { ...NAVIGATION, "sec-purpose": "prefetch;prerender" } });
    expect(ahead.status).toBe(401);
    expect((await call(url, pathname, { headers: NAVIGATION })).status).toBe(303);
  });

  it("works for ten minutes, and what it gave for twelve hours after the last look", async () => {
    const clock = new TestClock(MORNING);
    await using it = await startKeptService({ clock });
    const late = new URL(it.service.running.createDashboardLink());
    clock.advance(600_000);
    expect((await call(it.service.running.url, late.pathname)).status).toBe(401);
    const visitor = await letIn(it.service);
    for (let day = 0; day < 3; day++) {
      clock.advance(12 * 3_600_000);
      expect((await visitor.get("/")).status).toBe(200);
    }
    clock.advance(12 * 3_600_000 + 1);
    expect((await visitor.get("/")).status).toBe(401);
  });

  it("keeps the sixteen browsers that came last", async () => {
    await using it = await startKeptService();
    const first = await letIn(it.service);
    const second = await letIn(it.service);
    for (let count = 0; count < 15; count++) await letIn(it.service);
    expect([(await first.get("/")).status, (await second.get("/")).status]).toEqual([401, 200]);
  });

  it("is made anew over the socket, for whoever may read tokens anyway", async () => {
    await using it = await startKeptService();
    const made = await it.service.ask("/v1/dashboard-links", { method: "POST" });
    expect(made).toMatchObject({ status: 201, json: { endsAt: expect.any(Number) } });
    const { pathname } = new URL(String(made.json.url));
    expect((await call(it.service.running.url, pathname)).status).toBe(303);
  });
});

describe("without a cookie", () => {
  it.each(["/", "/accounts-now", "/changes", "/accounts/upstox/default/continue"])("%s shows nothing", async (path) => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    for (const cookie of ["", `kunji-keeper-${new URL(it.service.running.url).port}=${"A".repeat(43)}`]) {
      const answer = await call(it.service.running.url, path, { headers: { cookie, ...SAME_ORIGIN } });
      expect(answer.status).toBe(401);
      expect(answer.text).not.toContain("Upstox");
    }
  });

  it("two cookies of our name count as none (S-39)", async () => {
    await using it = await startKeptService();
    const { cookie } = await letIn(it.service);
    const headers = { cookie: `${cookie}; ${cookie.split("=")[0]}=x` };
    expect((await call(it.service.running.url, "/", { headers })).status).toBe(401);
  });
});

describe("every page", () => {
  it("forbids what it does not need, errors and assets included (S-53, S-54, S-55)", async () => {
    await using it = await startKeptService();
    const visitor = await letIn(it.service);
    const page = await visitor.get("/");
    const assets = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(assets).toHaveLength(3);
    for (const [path, answer] of [
      ["/", page],
      ["401", await call(it.service.running.url, "/")],
      ["link", await call(it.service.running.url, "/open/wrong")],
      ["404", await visitor.get("/accounts/upstox/default/continue")],
      ["403", await visitor.post("/leave", { csrf: "wrong" })],
      ["now", await visitor.get("/accounts-now")],
      ...(await Promise.all(assets.map(async (path) => [path, await visitor.get(path)] as const))),
    ] as const) {
      expect([path, answer.headers]).toMatchObject([
        path,
        {
          "content-security-policy":
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
            "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
          "x-frame-options": "DENY",
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
          "cross-origin-opener-policy": "same-origin",
          "cross-origin-resource-policy": "same-origin",
          "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-store",
        },
      ]);
    }
  });

  it("holds no token and no secret (S-96)", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const { accessToken } = await it.service.keeper.login("upstox", { person });
    await person.done();
    const visitor = await letIn(it.service);
    const texts = [(await visitor.get("/")).text, (await visitor.get("/accounts-now")).text].join("");
    expect(texts).toContain("Demo Customer 1");
    for (const secret of [accessToken.reveal(), accessToken.toString().slice(0, 8), broker.upstox.app.clientSecret]) {
      expect(texts).not.toContain(secret);
    }
  });

  it("escapes what others wrote (S-56)", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add({ ...demoAccount(it.kept.broker, "upstox"), userId: "<script>x</script>" });
    const { text } = await (await letIn(it.service)).get("/");
    expect(text).toContain("&lt;script>");
    expect(text).not.toContain("<script>x");
  });
});

describe("the forms", () => {
  const LOGOUT = "/accounts/upstox/default/logout";

  async function startLoggedIn() {
    const it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    await it.service.keeper.login("upstox", { person: it.kept.person });
    await it.kept.person.done();
    return it;
  }

  const isLoggedIn = async (service: TestService) => (await service.ask("/v1/tokens/upstox/default")).status === 200;

  it("need token, cookie and origin, each of them (S-36)", async () => {
    await using it = await startLoggedIn();
    const visitor = await letIn(it.service);
    const stranger = await letIn(it.service);
    const { url } = it.service.running;
    const csrf = await visitor.csrf();
    const refused = await Promise.all([
      visitor.post(LOGOUT, {}),
      visitor.post(LOGOUT, { csrf: "" }),
      visitor.post(LOGOUT, { csrf: await stranger.csrf() }),
      visitor.post(LOGOUT, { csrf, more: "x" }),
      visitor.post(LOGOUT, { csrf }, {}),
      visitor.post(LOGOUT, { csrf }, { origin: "http://evil.example", "sec-fetch-site": "cross-site" }),
      visitor.post(LOGOUT, { csrf }, { origin: url, "sec-fetch-site": "same-site" }),
      visitor.post(LOGOUT, { csrf }, { origin: "null" }),
      visitor.post(LOGOUT, { csrf }, { origin: "null", "sec-fetch-site": "same-site" }),
      visitor.post(LOGOUT, { csrf }, { "sec-fetch-site": "none" }),
      visitor.post(LOGOUT, { csrf }, { origin: url, cookie: "" }),
      visitor.post(LOGOUT, { csrf }, { origin: url, host: "evil.example" }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([400, 403, 403, 400, 403, 403, 403, 403, 403, 403, 401, 421]);
    expect(await isLoggedIn(it.service)).toBe(true);
    expect((await visitor.post(LOGOUT, { csrf }, { origin: "null", ...SAME_ORIGIN })).status).toBe(303);
    expect(await isLoggedIn(it.service)).toBe(false);
  });

  it("do nothing on GET", async () => {
    await using it = await startLoggedIn();
    const visitor = await letIn(it.service);
    expect((await visitor.get(LOGOUT)).status).toBe(404);
    expect(await isLoggedIn(it.service)).toBe(true);
  });

  it("lead to the broker's page over a page of ours, and only while that login lasts", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const visitor = await letIn(it.service);
    const pressed = await visitor.post("/accounts/upstox/default/login");
    expect([pressed.status, pressed.headers.location]).toEqual([303, "/accounts/upstox/default/continue"]);
    const page = await visitor.get("/accounts/upstox/default/continue");
    const target = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(page.text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(target).toContain(`${broker.url}/`);
    const id = { broker: "upstox", account: "default" };
    person.openLogin({ id, title: "", url: target, redirectUri: "", endsAt: 0 });
    expect((await it.service.ask("/v1/tokens/upstox/default?wait=60")).status).toBe(200);
    await person.done();
    expect((await visitor.get("/accounts/upstox/default/continue")).status).toBe(410);
  });

  it("say why a login failed", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add({ ...demoAccount(it.kept.broker, "tradejini-totp"), password: "wrong-one" });
    const visitor = await letIn(it.service);
    expect((await visitor.post("/accounts/tradejini/own/login")).headers.location).toBe("/");
    expect((await visitor.get("/")).text).toContain("The last login did not work");
  });

  it("end this browser's visit", async () => {
    await using it = await startKeptService();
    const visitor = await letIn(it.service);
    const left = await visitor.post("/leave");
    expect([left.status, String(left.headers["set-cookie"])]).toEqual([303, expect.stringContaining("Max-Age=0")]);
    expect((await visitor.get("/")).status).toBe(401);
  });
});

describe("what the script asks for", () => {
  it.each(["/accounts-now", "/changes"])("%s answers no other page of this machine (S-75)", async (path) => {
    await using it = await startKeptService();
    const visitor = await letIn(it.service);
    for (const headers of [
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
      { origin: "http://127.0.0.1:9999", "sec-fetch-site": "same-site" },
      {},
    ]) {
      expect((await visitor.get(path, headers)).status).toBe(403);
    }
  });

  it("hears of every step of a login", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const { cookie } = await letIn(it.service);
    const stream = await open(it.service.running.url, "/changes", { headers: { cookie, ...SAME_ORIGIN } });
    let heard = "";
    stream.on("data", (piece) => {
      heard += String(piece);
    });
    await it.service.ask("/v1/accounts/upstox/default/login", { method: "POST" });
    await expect.poll(() => heard.split("event: change").length - 1).toBeGreaterThanOrEqual(2);
    stream.destroy();
  });
});
