import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { checkPublicIp } from "../../src/doctor/public-ip.ts";
import { checkReachability } from "../../src/doctor/reachability.ts";
import { checkPort, checkRedirectUri } from "../../src/doctor/redirect-uri.ts";

const NOW = Date.parse("2026-11-20T03:30:00Z");
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers everything alike. @returns its address */
async function server(status: number, headers: Record<string, string>, body = ""): Promise<string> {
  const running = createServer((_request, response) => {
    response.sendDate = false;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => running.listen(0, "127.0.0.1", resolve));
  closers.push(() => running.close());
  return `http://127.0.0.1:${(running.address() as AddressInfo).port}`;
}

describe("doctor: reachable and clock", () => {
  it.each([
    [0, "ok", "agree"],
    [4, "ok", "agree"],
    [12, "warn", "12 s behind"],
    [-12, "warn", "12 s ahead of"],
    [90, "bad", "90 s behind"],
  ])("a broker whose clock is %i s ahead gives %s", async (seconds, state, words) => {
    const host = await server(404, { date: new Date(NOW + seconds * 1000).toUTCString() });
    const { findings, isReachable } = await checkReachability("Upstox", host, { fetch, now: () => NOW + 500 });
    expect(isReachable).toBe(true);
    expect(findings[0]).toMatchObject({ check: "reachable", state: "ok" });
    expect(findings[1]).toMatchObject({ check: "clock", state });
    expect(findings[1]?.text).toContain(words);
  });

  it("says that a gateway may refuse this machine when it answers 403", async () => {
    const host = await server(403, { date: new Date(NOW).toUTCString() }, "Access denied");
    const { findings } = await checkReachability("Upstox", host, { fetch, now: () => NOW });
    expect(findings[0]).toMatchObject({ state: "warn" });
  });

  it("follows no redirect", async () => {
    const host = await server(302, { location: "http://127.0.0.1:1/", date: new Date(NOW).toUTCString() });
    expect((await checkReachability("Upstox", host, { fetch, now: () => NOW })).isReachable).toBe(true);
  });

  it("says why nobody answers, and what to do", async () => {
    const host = await server(200, {});
    for (const close of closers.splice(0)) close();
    const { findings, isReachable } = await checkReachability("Upstox", host, { fetch, now: () => NOW });
    expect(isReachable).toBe(false);
    expect(findings).toEqual([
      {
        check: "reachable",
        state: "bad",
        text: "Upstox cannot be reached: the connection was refused.",
        nextStep: "Check the network, and the KUNJI_*_URL variables if you set any.",
      },
    ]);
  });
});

describe("doctor: redirect URI", () => {
  it.each([
    ["nonsense", "bad", "no URL"],
    ["https://desk.example.in/cb", "warn", "another machine"],
    ["https://127.0.0.1:7475/callback", "bad", "must be http"],
    ["http://127.0.0.1/callback", "warn", "no port"],
  ])("%s is %s", async (uri, state, words) => {
    const [finding] = await checkRedirectUri(uri);
    expect(finding).toMatchObject({ check: "redirect-uri", state });
    expect(finding?.text).toContain(words);
  });

  it("looks whether the port is free", async () => {
    const { port } = new URL(await server(200, {}));
    expect(await checkRedirectUri(`http://127.0.0.1:${port}/callback`)).toMatchObject([
      { check: "redirect-uri", state: "ok" },
      { check: "callback-port", state: "warn", text: `Port ${port} is in use.` },
    ]);
    for (const close of closers.splice(0)) close();
    expect(await checkPort("callback-port", Number(port))).toMatchObject({ state: "ok" });
  });
});

describe("doctor: public IP against the registered ones", () => {
  it("asks nobody when no address to ask was given", async () => {
    const never: typeof fetch = () => Promise.reject(new Error("asked"));
    expect(await checkPublicIp(["203.0.113.7"], undefined, never)).toMatchObject({ state: "skipped" });
    expect(await checkPublicIp(undefined, "http://127.0.0.1:1", never)).toMatchObject({ state: "skipped" });
    expect(await checkPublicIp([], "http://127.0.0.1:1", never)).toMatchObject({ state: "ok" });
  });

  it.each([
    [["203.0.113.7"], "203.0.113.7\n", "ok"],
    [["203.0.113.8", "203.0.113.7"], "203.0.113.7", "ok"],
    [["2001:db8::1"], "2001:0DB8:0:0:0:0:0:1", "ok"],
    [["203.0.113.8"], "203.0.113.7", "bad"],
    [["203.0.113.8"], "<html>hello</html>", "warn"],
  ])("registered %j and seen as %j is %s", async (registered, answer, state) => {
    const finding = await checkPublicIp(registered, await server(200, {}, answer), fetch);
    expect(finding.state).toBe(state);
    // People paste it in public.
    expect(JSON.stringify(finding)).not.toMatch(/203\.0\.113|2001/);
  });
});
