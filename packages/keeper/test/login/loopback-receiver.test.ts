import { networkInterfaces } from "node:os";
import { CallbackException } from "@kunji/client";
import { beforeEach, describe, expect, it } from "vitest";
import { loopbackAddress } from "../../src/login/loopback-address.ts";
import { type LoopbackReceiver, openLoopbackReceiver } from "../../src/login/loopback-receiver.ts";
import type { ResultPage } from "../../src/login/result-page.ts";
import { freePort, occupy } from "./_bench.ts";
import { comeBack, isClosed, navigate, send } from "./_http.ts";
import { TestTimers } from "./_test-timers.ts";

const STATE = "state-of-this-login-state-of-this-login";
const DONE: ResultPage = {
  tone: "done",
  heading: "You are logged in",
  text: "All is <well>.",
  nextStep: "Close this tab.",
};

/** Some machines have IPv6 switched off. */
const LOOPBACKS = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .map(({ address }) => address)
  .filter((address) => address === "127.0.0.1" || address === "::1");

let timers: TestTimers;
let port: number;
beforeEach(async () => {
  timers = new TestTimers();
  port = await freePort();
});

async function open(
  redirectUri = `http://127.0.0.1:${port}/callback`,
  issuer?: string,
  state = STATE,
): Promise<LoopbackReceiver> {
  const address = loopbackAddress(redirectUri);
  if (!address) throw new Error("not a loopback address");
  const expected = { state, issuer, mustNameIssuer: issuer !== undefined };
  const receiver = await openLoopbackReceiver({ address, expected, setTimer: timers.setTimer });
  if (!receiver) throw new Error("nothing listens");
  return receiver;
}

const callback = (query: string) => `http://127.0.0.1:${port}/callback?${query}`;

describe("where a redirect URI leads", () => {
  it("is a loopback address of its own, with its port and path", () => {
    expect(loopbackAddress("http://127.0.0.1:7475/callback")).toEqual({
      binds: ["127.0.0.1"],
      port: 7475,
      host: "127.0.0.1:7475",
      path: "/callback",
    });
    expect(loopbackAddress("http://[::1]:7475/a/b?c=d")).toMatchObject({
      binds: ["::1"],
      host: "[::1]:7475",
      path: "/a/b",
    });
    expect(loopbackAddress("http://127.0.0.1/")).toMatchObject({ port: 80, host: "127.0.0.1" });
  });

  it("is both loopback addresses for localhost: a browser may take either", () => {
    expect(loopbackAddress("http://localhost:7475/")).toMatchObject({
      binds: ["127.0.0.1", "::1"],
      host: "localhost:7475",
    });
  });

  it.each([
    "https://127.0.0.1:7475/callback",
    "http://192.168.1.4:7475/callback",
    "http://0.0.0.0:7475/callback",
    "http://127.0.0.2:7475/callback",
    "http://localhost.example.in:7475/callback",
    "http://127.0.0.1:0/callback",
    "myapp://callback",
    "not a URL",
  ])("is nowhere to listen for %s", (uri) => {
    expect(loopbackAddress(uri)).toBeUndefined();
  });
});

describe("the loopback receiver", () => {
  it("takes the answer, clears the address bar, and shows how it ended when that is known (S-89)", async () => {
    const receiver = await open();
    const arrived = await navigate(callback(`code=secret-code&state=${STATE}`));
    expect(arrived.status).toBe(303);
    expect(arrived.headers.location).toMatch(/^\/kunji\/[\w-]{22}$/);
    expect((await receiver.answer).code).toBe("secret-code");

    const lastPage = navigate(`http://127.0.0.1:${port}${arrived.headers.location}`);
    await new Promise(setImmediate);
    const finished = receiver.finish(DONE);
    const page = await lastPage;
    await finished;
    expect(page.status).toBe(200);
    expect(page.body).toContain("<h1>You are logged in</h1>");
    expect(page.body).toContain("All is &lt;well&gt;.");
    expect(page.body).not.toContain("secret-code");
    for (const { headers } of [arrived, page]) {
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /);
    }
    expect(await isClosed(callback(""))).toBe(true);
  });

  it("waits on after every wrong callback, even one with an error (S-87)", async () => {
    const receiver = await open();
    const noise = [
      "",
      "code=x",
      "code=x&state=other",
      `code=x&state=${STATE}x`,
      "error=access_denied",
      "error=access_denied&state=other",
      `state=${STATE}`,
      `code=x&state=${STATE}&state=${STATE}`,
      `code=%ff&state=${STATE}`,
    ];
    for (const query of noise) expect((await navigate(callback(query))).status, query).toBe(400);
    expect((await navigate(callback(`code=real&state=${STATE}`))).status).toBe(303);
    expect((await receiver.answer).code).toBe("real");
    await receiver.finish(DONE);
    timers.fire(5_000);
  });

  it("refuses a second callback, and only the browser that brought the first one sees how it ended (S-88)", async () => {
    const receiver = await open();
    const first = await navigate(callback(`code=one&state=${STATE}`));
    const second = await navigate(callback(`code=two&state=${STATE}`));
    expect(second.status).toBe(400);
    expect(second.body).toContain("This login is over");
    expect((await receiver.answer).code).toBe("one");
    expect((await navigate(`http://127.0.0.1:${port}/kunji/AAAAAAAAAAAAAAAAAAAAAA`)).status).toBe(404);
    await receiver.finish(DONE);
    const page = await navigate(`http://127.0.0.1:${port}${first.headers.location}`);
    expect(page.body).toContain("You are logged in");
    expect(await isClosed(callback(""))).toBe(true);
  });

  it("closes soon when the browser never asks for the last page", async () => {
    const receiver = await open();
    await navigate(callback(`code=one&state=${STATE}`));
    await receiver.finish(DONE);
    expect(timers.waiting).toEqual([5_000]);
    timers.fire(5_000);
    expect(await isClosed(callback(""))).toBe(true);
  });

  it("ends well when the outcome comes in the very moment that the browser was sent away", async () => {
    const receiver = await open();
    const page = comeBack(callback(`code=one&state=${STATE}`));
    await expect.poll(() => timers.waiting).toEqual([10_000]);
    timers.fire(10_000);
    await receiver.finish(DONE);
    expect((await page).body).toContain("Fetching the token takes longer than usual");
    expect(timers.waiting).toEqual([5_000]);
    timers.fire(5_000);
  });

  it("does not keep the browser waiting for ever", async () => {
    const receiver = await open();
    const page = comeBack(callback(`code=one&state=${STATE}`));
    await receiver.answer;
    await expect.poll(() => timers.waiting).toEqual([10_000]);
    timers.fire(10_000);
    expect((await page).body).toContain("Your login has arrived");
    await receiver.finish(DONE);
    timers.fire(5_000);
    expect(await isClosed(callback(""))).toBe(true);
  });

  it("closes at once when the login ends without a browser", async () => {
    const receiver = await open();
    await receiver.finish(DONE);
    expect(await isClosed(callback(""))).toBe(true);
    expect(timers.waiting).toEqual([]);
  });

  it("passes on that the person or the broker said no", async () => {
    const receiver = await open();
    expect((await navigate(callback(`error=access_denied&state=${STATE}`))).status).toBe(303);
    await expect(receiver.answer).rejects.toMatchObject({ code: "DENIED", error: "access_denied" });
    await receiver.finish(DONE);
    timers.fire(5_000);
  });

  it.each(["", "&iss=http%3A%2F%2Fother.example"])(
    "ends when the issuer is not the one the login went to: %s",
    async (iss) => {
      const receiver = await open(undefined, "http://issuer.example");
      await navigate(callback(`code=one&state=${STATE}${iss}`));
      await expect(receiver.answer).rejects.toBeInstanceOf(CallbackException);
      await expect(receiver.answer).rejects.toMatchObject({ code: "ISSUER_MISMATCH" });
      await receiver.finish(DONE);
      timers.fire(5_000);
    },
  );
});

describe("who may reach it (S-86)", () => {
  const good = `code=x&state=${STATE}`;

  it.each([
    ["another name for this address", { headers: { host: "attacker.example:80" } }, 403],
    ["localhost where 127.0.0.1 is registered", { headers: { host: "localhost" } }, 403],
    ["no-cors fetch of a page", { headers: { "sec-fetch-mode": "no-cors" } }, 403],
    ["cors fetch of a page", { headers: { "sec-fetch-mode": "cors" } }, 403],
    ["a frame in a page", { headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" } }, 403],
    ["POST", { method: "POST", body: good }, 403],
    ["HEAD", { method: "HEAD" }, 403],
  ])("refuses %s", async (_, sent, status) => {
    const receiver = await open();
    expect((await send(callback(good), sent)).status).toBe(status);
    await receiver.finish(DONE);
  });

  it("refuses every other path", async () => {
    const receiver = await open();
    for (const path of ["/", "/callback/", "/Callback", "//callback", "/callback%2f", "/kunji/", "/favicon.ico"]) {
      expect((await navigate(`http://127.0.0.1:${port}${path}?${good}`)).status, path).toBe(404);
    }
    await receiver.finish(DONE);
  });

  it("takes a program that says nothing about its mode", async () => {
    const receiver = await open();
    expect((await send(callback(good))).status).toBe(303);
    await receiver.finish(DONE);
    timers.fire(5_000);
  });

  it("is not there on the machine's other addresses (S-85)", async () => {
    const receiver = await open();
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal }) => !internal)
      .map(({ address, family, scopeid }) => (family === "IPv6" && scopeid ? undefined : address));
    for (const address of [...others, "127.0.0.2", "::1"].filter((each) => each !== undefined)) {
      await expect(navigate(callback(good), address), address).rejects.toThrow(
        /ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH/,
      );
    }
    await receiver.finish(DONE);
  });

  it("listens on both loopback addresses for localhost, under that name only", async () => {
    const receiver = await open(`http://localhost:${port}/callback`);
    const url = `http://localhost:${port}/callback?code=x&state=wrong`;
    for (const address of LOOPBACKS) {
      expect((await navigate(url, address)).status, address).toBe(400);
      expect((await send(url, { connectTo: address, headers: { host: `${address}:${port}` } })).status).toBe(403);
    }
    await receiver.finish(DONE);
  });
});

describe("several logins of one process that come back to the same port", () => {
  const other = "state-of-another-login-state-of-another";

  it("get their own answers, whichever comes first, and the port closes after the last (S-88)", async () => {
    const [first, second] = [await open(), await open(undefined, undefined, other)];
    expect((await navigate(callback("code=x&state=wrong"))).status).toBe(400);
    const arrived = await navigate(callback(`code=two&state=${other}`));
    expect((await second.answer).code).toBe("two");
    await second.finish({ ...DONE, heading: "The second is done" });
    expect((await navigate(callback(`code=again&state=${other}`))).body).toContain("This login is over");
    expect((await navigate(`http://127.0.0.1:${port}${arrived.headers.location}`)).body).toContain(
      "The second is done",
    );

    const refused = await navigate(callback(`error=access_denied&state=${STATE}`));
    await expect(first.answer).rejects.toBeInstanceOf(CallbackException);
    await first.finish({ ...DONE, heading: "The first is over" });
    expect((await navigate(`http://127.0.0.1:${port}${refused.headers.location}`)).body).toContain("The first is over");
    expect(await isClosed(callback(""))).toBe(true);
  });

  it("wait on when one of them is given up, and one may begin the moment the last has ended", async () => {
    const [first, second] = await Promise.all([open(), open(undefined, undefined, other)]);
    await first.finish(DONE);
    expect((await navigate(callback(`code=late&state=${STATE}`))).status).toBe(400);
    expect((await navigate(callback(`code=two&state=${other}`))).status).toBe(303);
    expect((await second.answer).code).toBe("two");
    await second.finish(DONE);
    timers.fire(5_000);
    const third = await open();
    expect((await navigate(callback(`code=three&state=${STATE}`))).status).toBe(303);
    expect((await third.answer).code).toBe("three");
    await third.finish(DONE);
    timers.fire(5_000);
    expect(await isClosed(callback(""))).toBe(true);
  });

  it("all fail when another program has it (S-90), and are not held up when that one ends", async () => {
    {
      await using _other = await occupy(port, "127.0.0.1");
      const openings = await Promise.allSettled([open(), open(undefined, undefined, other)]);
      expect(openings).toMatchObject(Array(2).fill({ status: "rejected", reason: { code: "PORT_TAKEN" } }));
    }
    const receiver = await open();
    await receiver.finish(DONE);
    expect(await isClosed(callback(""))).toBe(true);
  });
});

describe("a port that is in use (S-90)", () => {
  const cases: [string, string][] = [["127.0.0.1", "127.0.0.1"]];
  for (const address of LOOPBACKS) cases.push(["localhost", address]);
  it.each(cases)("is a clear failure, for %s when %s is taken", async (name, taken) => {
    await using _other = await occupy(port, taken);
    const opening = open(`http://${name}:${port}/callback`);
    await expect(opening).rejects.toMatchObject({ code: "PORT_TAKEN", message: expect.stringContaining(String(port)) });
    await expect(opening).rejects.toHaveProperty("nextStep", expect.stringContaining(`:${port}`));
    const free = taken === "::1" ? "127.0.0.1" : "::1";
    await expect(navigate(`http://localhost:${port}/callback`, free)).rejects.toThrow("ECONNREFUSED");
  });
});
