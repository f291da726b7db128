import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildKunji, Kunji } from "./_kunji.ts";

interface ReadyLine {
  readonly url: string;
  readonly pid: number;
  readonly upstox: { readonly app: Record<string, string>; readonly customers: Record<string, string>[] };
  readonly tradejini: {
    readonly individualApp: Record<string, string>;
    readonly userApp: Record<string, string>;
    readonly customers: Record<string, string>[];
  };
}

let folder: string;
beforeAll(async () => {
  await buildKunji();
  folder = await mkdtemp(join(tmpdir(), "kunji-serve-"));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const demo = ["serve", "--demo", "--port", "0", "--json"];

async function ready(broker: Kunji): Promise<ReadyLine> {
  return JSON.parse(await broker.says("\n")) as ReadyLine;
}

describe("kunji serve --json", () => {
  it("prints one line of the documented shape when the broker answers", async () => {
    await using broker = new Kunji([...demo, "--customers", "2", "--redirect-uri", "http://127.0.0.1:9999/back"]);
    const line = await ready(broker);
    expect((await fetch(`${line.url}/health/ready`)).status).toBe(200);
    expect(line.pid).toBe(broker.child.pid);
    expect(Object.keys(line)).toEqual(["url", "pid", "upstox", "tradejini"]);
    expect(Object.keys(line.upstox.app)).toEqual(["clientId", "clientSecret", "redirectUri", "notifierUrl"]);
    expect(line.upstox.app.redirectUri).toBe("http://127.0.0.1:9999/back");
    expect(line.upstox.customers).toHaveLength(2);
    for (const customer of line.upstox.customers) {
      expect(Object.keys(customer)).toEqual(["userId", "mobileNumber", "totpSecret", "pin", "email", "userName"]);
    }
    const { individualApp, userApp, customers, ...more } = line.tradejini;
    expect(more).toEqual({});
    expect(Object.keys(individualApp)).toEqual(["clientId", "clientCode"]);
    expect(individualApp.clientCode).toBe(customers[0]?.clientCode);
    expect(Object.keys(userApp)).toEqual(["clientId", "clientSecret", "redirectUri"]);
    expect(userApp.redirectUri).toBe("http://127.0.0.1:9999/back");
    expect(customers).toHaveLength(2);
    for (const customer of customers) expect(Object.keys(customer)).toEqual(["clientCode", "password", "totpSecret"]);
    broker.kill("SIGTERM");
    const { stdout } = await broker.ended;
    expect(stdout.split("\n")).toHaveLength(2);
  });

  it("gives the same ten customers at every start", async () => {
    await using one = new Kunji(demo);
    await using two = new Kunji(demo);
    const [first, second] = [await ready(one), await ready(two)];
    expect(first.upstox).toEqual(second.upstox);
    expect(first.tradejini).toEqual(second.tradejini);
    expect([first.upstox.customers.length, first.tradejini.customers.length]).toEqual([10, 10]);
  });

  it("has no demo data, no inbox and no control without being told to", async () => {
    await using broker = new Kunji(["serve", "--port", "0", "--json", "--database", "sqlite::memory:"], {
      env: { KUNJI_MESSAGE_SENDER: "https://gateway.invalid/send" },
    });
    const line = await ready(broker);
    expect(Object.keys(line)).toEqual(["url", "pid"]);
    expect((await fetch(`${line.url}/inbox`)).status).toBe(404);
    expect((await fetch(`${line.url}/control/requests`)).status).toBe(404);
  });

  it("lets tests move the clock with --control", async () => {
    await using broker = new Kunji([...demo, "--control"]);
    const { url } = await ready(broker);
    expect((await fetch(`${url}/control/requests`)).status).toBe(200);
  });

  it("writes JSON lines to stderr, without the secrets of a request", async () => {
    await using broker = new Kunji(demo);
    const { url } = await ready(broker);
    await fetch(`${url}/v2/user/profile?x=geheim`, { headers: { authorization: "Bearer geheim" } });
    broker.kill("SIGTERM");
    const { stderr } = await broker.ended;
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find((line) => line.msg === "request")).toMatchObject({ route: "/v2/user/profile", status: 401 });
    expect(stderr).not.toContain("geheim");
  });

  it("writes no log at level silent", async () => {
    await using broker = new Kunji(demo, { env: { KUNJI_LOG_LEVEL: "silent" } });
    await ready(broker);
    broker.kill("SIGTERM");
    expect((await broker.ended).stderr).toBe("");
  });
});

describe("kunji serve for a person", () => {
  it("prints addresses, the apps and the first customers of both brokers", async () => {
    await using broker = new Kunji(["serve", "--demo", "--port", "0"]);
    const text = await broker.says("Ctrl-C stops it.");
    for (const word of [
      "/docs",
      "/inbox",
      "Client secret",
      "http://127.0.0.1:7475/callback",
      "Upstox customers, the first 3 of 10",
      "Tradejini demo app for any customer",
      "API secret",
      "Tradejini individual app of TJ",
      "Tradejini customers, the first 3 of 10",
    ]) {
      expect(text).toContain(word);
    }
    expect(text).not.toContain("\u001b");
  });
});

describe("kunji serve with a database file", () => {
  it("makes the file and its key, readable by the owner only, and starts again from both", async () => {
    const path = join(folder, "broker.sqlite");
    for (const start of ["made", "found"]) {
      await using broker = new Kunji([...demo, "--database", `sqlite:${path}`]);
      await ready(broker);
      broker.kill("SIGTERM");
      const { code, stderr } = await broker.ended;
      expect(code).toBe(0);
      expect(stderr.includes("Made the broker key")).toBe(start === "made");
    }
    // Whatever umask the operator's shell has (S-79).
    for (const file of [path, `${path}.key`]) expect((await stat(file)).mode & 0o777, file).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(["broker.sqlite", "broker.sqlite.key"]);
  });

  it("refuses another key with exit code 1", async () => {
    const path = join(folder, "other-key.sqlite");
    await using first = new Kunji([...demo, "--database", `sqlite:${path}`], { env: { KUNJI_KEY: "a".repeat(64) } });
    await ready(first);
    first.kill("SIGTERM");
    await first.ended;
    await using second = new Kunji([...demo, "--database", `sqlite:${path}`], { env: { KUNJI_KEY: "b".repeat(64) } });
    const { code, stderr } = await second.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("another broker key");
  });

  it("logs a failed store once and ends with exit code 1 (S-119)", async () => {
    const path = join(folder, "full.sqlite");
    await using broker = new Kunji([...demo, "--database", `sqlite:${path}`], { fileBlocks: 1024 });
    const { url, upstox } = await ready(broker);
    const { clientId = "", redirectUri = "" } = upstox.app;
    const query = new URLSearchParams({ response_type: "code", client_id: clientId, redirect_uri: redirectUri });
    // Every login that begins is a row; sooner or later the file is full. Then the broker goes away.
    let status = 302;
    while (status === 302) {
      const answer = await fetch(`${url}/v2/login/authorization/dialog?${query}`, { redirect: "manual" });
      status = answer.status;
    }
    expect(status).toBe(503);
    const { code, stderr } = await broker.ended;
    expect(code).toBe(1);
    expect(stderr.match(/the store failed; nothing more is written/g)).toHaveLength(1);
  });
});

describe("kunji serve, told to stop", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("ends with 0 on %s", async (signal) => {
    await using broker = new Kunji(demo);
    await ready(broker);
    broker.kill(signal);
    expect((await broker.ended).code).toBe(0);
  });

  it("finishes a request that is under way (S-115)", async () => {
    await using broker = new Kunji(demo);
    const { url } = await ready(broker);
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    const body = "code=x";
    const head = [
      "POST /v2/login/authorization/token HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Accept: application/json",
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${body.length}`,
      "Expect: 100-continue",
      "",
      "",
    ].join("\r\n");
    let answer = "";
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    // The server says "100 Continue" when it has read the head: the request is under way.
    const underWay = new Promise<void>((resolve) =>
      socket.setEncoding("utf8").on("data", (text: string) => {
        answer += text;
        if (answer.includes("100 Continue")) resolve();
      }),
    );
    socket.write(head);
    await underWay;
    broker.kill("SIGTERM");
    socket.write(body);
    await closed;
    expect(answer).toMatch(/HTTP\/1\.1 4\d\d/);
    expect((await broker.ended).code).toBe(0);
  });
});
