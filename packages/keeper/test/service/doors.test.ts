import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startService } from "../../src/service/index.ts";
import { limitServer, serverOptions } from "../../src/service/server-options.ts";
import { startKept } from "../_kept.ts";
import { call, sendRaw } from "./_request.ts";
import { startKeptService, startTestService } from "./_service.ts";

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("the socket and the bearer's file (S-75)", () => {
  it("are for this user's eyes only", async () => {
    await using it = await startKeptService();
    const { socket, bearerFile } = it.service.running;
    const folder = join(it.kept.home.path, "service");
    expect([modeOf(folder), modeOf(socket ?? ""), modeOf(bearerFile)]).toEqual(["700", "600", "600"]);
    for (const path of [folder, socket ?? "", bearerFile]) expect(statSync(path).uid).toBe(process.getuid?.());
    expect(readFileSync(bearerFile, "utf8")).toMatch(/^[\w-]{43}\n$/);
  });

  it("make the service refuse a folder that others may look into (S-93)", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    const folder = join(kept.home.path, "service");
    await mkdir(folder);
    await chmod(folder, 0o755);
    await expect(startService({ keeper, dataFolder: kept.home.path, port: 0 })).rejects.toMatchObject({
      code: "VAULT_UNSAFE",
    });
  });

  it("are gone when the service has stopped", async () => {
    await using it = await startKeptService();
    const { socket, bearerFile, close } = it.service.running;
    await close();
    expect([existsSync(socket ?? ""), existsSync(bearerFile)]).toEqual([false, false]);
  });

  it("are other ones after a restart, and the old bearer opens nothing", async () => {
    await using kept = await startKept();
    const first = await startTestService(kept);
    const old = readFileSync(first.running.bearerFile, "utf8").trim();
    await first.running.close();
    await using second = await startTestService(kept);
    const headers = { authorization: `Bearer ${old}` };
    expect((await call(second.running.url, "/v1/accounts", { headers })).status).toBe(401);
    expect((await second.askWithBearer("/v1/accounts")).status).toBe(200);
  });
});

describe("the place of the socket", () => {
  it("is taken over from a process that was killed", async () => {
    await using kept = await startKept();
    const socket = join(kept.home.path, "service", "keeper.sock");
    await mkdir(join(kept.home.path, "service"), { mode: 0o700 });
    const listen = `require("net").createServer().listen(process.argv[1], () => console.log("listening"))`;
    const child = spawn(process.execPath, ["-e", listen, socket], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(socket)).toBe(true);

    await using service = await startTestService(kept);
    expect((await service.ask("/v1/accounts")).status).toBe(200);
    expect(modeOf(socket)).toBe("600");
  });

  it("is not taken from one that lives, and its bearer stays what it was", async () => {
    await using it = await startKeptService();
    const bearer = readFileSync(it.service.running.bearerFile, "utf8");
    await expect(startTestService(it.kept)).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringContaining("another keeper already runs"),
      nextStep: "Use that one, or stop it first.",
    });
    expect(readFileSync(it.service.running.bearerFile, "utf8")).toBe(bearer);
    expect((await it.service.ask("/health")).json).toEqual({ status: "ok" });
  });

  it("goes to one of several that start at the same moment", async () => {
    await using kept = await startKept();
    const starts = await Promise.allSettled(Array.from({ length: 4 }, () => startTestService(kept)));
    const won = starts.filter((start) => start.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect((await won[0]?.value.ask("/health"))?.status).toBe(200);
    await won[0]?.value.running.close();
  });

  it("is not taken from a file that is no socket", async () => {
    await using kept = await startKept();
    await mkdir(join(kept.home.path, "service"), { mode: 0o700 });
    await writeFile(join(kept.home.path, "service", "keeper.sock"), "mine");
    await expect(startTestService(kept)).rejects.toMatchObject({ code: "USAGE" });
    expect(readFileSync(join(kept.home.path, "service", "keeper.sock"), "utf8")).toBe("mine");
  });

  it("must fit into a socket's address", async () => {
    await using kept = await startKept();
    const dataFolder = join(kept.home.path, "x".repeat(100));
    await expect(startTestService(kept, { dataFolder })).rejects.toMatchObject({
      code: "USAGE",
      nextStep: expect.stringContaining("KUNJI_HOME"),
    });
  });

  it("says which port is taken, and leaves nothing behind (S-90)", async () => {
    await using it = await startKeptService();
    const port = Number(new URL(it.service.running.url).port);
    await using other = await startKept();
    await expect(startTestService(other, { port })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: `port ${port} of this machine is not free`,
    });
    expect(existsSync(join(other.home.path, "service", "keeper.sock"))).toBe(false);
    expect(existsSync(join(other.home.path, "service", "bearer"))).toBe(false);
  });
});

describe("where a file can be no socket, as on Windows", () => {
  const platform = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
  beforeEach(() => {
    Object.defineProperty(process, "platform", { ...platform, value: "win32" });
  });
  afterEach(() => {
    Object.defineProperty(process, "platform", platform);
  });

  it("a second service of the same folder does not touch the first one's bearer", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper({ webhookPort: 0 });
    const start = (port: number) =>
      startService({ keeper, dataFolder: kept.home.path, port, webhookPort: 0, schedule: false, writeLog: () => {} });
    await using first = await start(0);
    expect(first.socket).toBeUndefined();
    const bearer = readFileSync(first.bearerFile, "utf8");
    await expect(start(Number(new URL(first.url).port))).rejects.toMatchObject({ code: "PORT_TAKEN" });
    expect(readFileSync(first.bearerFile, "utf8")).toBe(bearer);
    const headers = { authorization: `Bearer ${bearer.trim()}` };
    expect((await call(first.url, "/v1/accounts", { headers })).status).toBe(200);
  });
});

describe("the loopback port", () => {
  it.each([
    ["no bearer", {}],
    ["a wrong one", { authorization: `Bearer ${"A".repeat(43)}` }],
    ["another scheme", { authorization: `Basic ${"A".repeat(43)}` }],
    ["one in the query only", {}],
  ])("answers 401 to %s, whatever exists", async (_name, headers) => {
    await using it = await startKeptService();
    for (const path of ["/v1/accounts", "/v1/tokens/upstox/default", "/v1/events?bearer=x", "/v1/tokens/no/such"]) {
      const answer = await call(it.service.running.url, path, { headers });
      expect(answer.status).toBe(401);
      expect(answer.json).toMatchObject({ code: "UNAUTHORIZED", nextStep: expect.stringContaining("bearer") });
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
    }
  });

  it("is not open on any other address of this machine (S-85)", async () => {
    await using it = await startKeptService();
    const { port } = new URL(it.service.running.url);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others) {
      await expect(call(`http://${address}:${port}`, "/health")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
  });

  it.each([
    ["evil.example", undefined],
    ["localhost", undefined],
    ["127.0.0.1", "no port"],
    ["", "none"],
  ])("answers 421 to Host %s (S-86, S-107)", async (host, how) => {
    await using it = await startKeptService();
    const { port } = new URL(it.service.running.url);
    const named = how === undefined ? `${host}:${port}` : host;
    const answer = await sendRaw(
      it.service.running.url,
      `GET /health HTTP/1.1\r\n${how === "none" ? "" : `Host: ${named}\r\n`}Connection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
    expect(answer).toContain('"code":"WRONG_HOST"');
  });

  it.each([
    ["two Hosts", (host: string) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}\r\n`, 421],
    ["an absolute target", (host: string) => `GET http://evil.example/ HTTP/1.1\r\nHost: ${host}\r\n`, 400],
    ["two slashes", (host: string) => `GET //evil.example/ HTTP/1.1\r\nHost: ${host}\r\n`, 400],
    ["a body on GET", (host: string) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\n`, 400],
    [
      "two bearers",
      (host: string) => `GET /health HTTP/1.1\r\nHost: ${host}\r\n${"Authorization: Bearer x\r\n".repeat(2)}`,
      400,
    ],
    ["two cookie lines", (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: a=1\r\nCookie: b=2\r\n`, 400],
    [
      "a coding of the body",
      (host: string) => `POST /v1/dashboard-links HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: gzip, chunked\r\n`,
      400,
    ],
    ["nonsense", () => "HELLO\r\n", 400],
  ])("refuses %s (S-107)", async (_name, head, status) => {
    await using it = await startKeptService();
    const { host } = new URL(it.service.running.url);
    const answer = await sendRaw(it.service.running.url, `${head(host)}Connection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it.each([
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-origin" },
  ])("refuses what a web page sent, even with the bearer: %o (S-75)", async (headers) => {
    await using it = await startKeptService();
    for (const [method, path] of [
      ["GET", "/v1/tokens/upstox/default"],
      ["GET", "/v1/events"],
      ["POST", "/v1/accounts/upstox/default/logout"],
      ["POST", "/v1/dashboard-links"],
      ["GET", "/health"],
    ] as const) {
      const answer = await it.service.askWithBearer(path, { method, headers });
      expect([path, answer.status, answer.json.code]).toEqual([path, 403, "BROWSER_REFUSED"]);
    }
    expect((await it.service.ask("/v1/accounts", { headers })).status).toBe(403);
  });

  it("allows no other origin to read anything", async () => {
    await using it = await startKeptService();
    const answer = await call(it.service.running.url, "/v1/accounts", {
      method: "OPTIONS",
      headers: { origin: "http://evil.example", "access-control-request-method": "GET" },
    });
    expect(answer.status).toBe(404);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("every answer", () => {
  it("is JSON that nobody stores, with a code and a next step, also for what is not there (S-55)", async () => {
    await using it = await startKeptService();
    for (const [path, status, code] of [
      ["/nothing", 404, "NOT_FOUND"],
      ["/v1/tokens/upstox/default", 404, "UNKNOWN_ACCOUNT"],
      ["/v1/tokens/upstox/UPPER", 404, "UNKNOWN_ACCOUNT"],
      ["/v1/tokens/nobroker/default", 400, "USAGE"],
      ["/v1/tokens/upstox/default?wait=x", 400, "BAD_REQUEST"],
      ["/v1/tokens/upstox/default?wait=1&wait=2", 400, "BAD_REQUEST"],
      ["/v1/tokens/upstox/default?waits=1", 400, "BAD_REQUEST"],
      [`/${"x".repeat(3_000)}`, 413, "TOO_LARGE"],
    ] as const) {
      const answer = await it.service.ask(path);
      expect([path.slice(0, 40), answer.status, answer.json.code]).toEqual([path.slice(0, 40), status, code]);
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect(answer.headers["content-type"]).toMatch(/^application\/json/);
      expect(answer.json.message).toEqual(expect.any(String));
    }
  });

  it("refuses bodies that nobody reads", async () => {
    await using it = await startKeptService();
    const post = (body: string) =>
      it.service.ask("/v1/accounts/upstox/default/login", {
        method: "POST",
        body,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      });
    expect((await post('{"a":1}')).status).toBe(400);
    expect((await post("{}")).status).toBe(404); // read on, to an account that is not there
    expect((await post("x".repeat(10_000))).status).toBe(413);
  });
});

describe("the limits of both doors (S-126)", () => {
  it("are set on purpose", () => {
    const { http, requestTimeout, keepAliveTimeout, bodyLimit } = serverOptions();
    expect([requestTimeout, keepAliveTimeout, bodyLimit]).toEqual([15_000, 10_000, 4_096]);
    expect(http).toMatchObject({ headersTimeout: 10_000, maxHeaderSize: 8_192, insecureHTTPParser: false });
    const server = createServer();
    limitServer(server);
    expect([server.maxConnections, server.maxHeadersCount]).toEqual([512, 0]);
  });
});
