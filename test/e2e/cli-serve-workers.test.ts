import { once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFirstForm } from "../../packages/broker/src/testing/html-form.ts";
import { testDatabase } from "../_postgres/test-database.ts";
import { HoppingBrowser } from "./_hopping-browser.ts";
import { buildKunji, Kunji, type KunjiOptions, kunji } from "./_kunji.ts";

let folder: string;
beforeAll(async () => {
  await buildKunji();
  folder = await mkdtemp(join(tmpdir(), "kunji-workers-"));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const WORKERS = 3;
const demo = ["serve", "--demo", "--port", "0", "--json", "--customers", "2", "--workers", String(WORKERS)];
const TOKEN = "/v2/login/authorization/token";
const PROFILE = "/v2/user/profile";

interface Ready {
  readonly url: string;
  readonly pid: number;
  readonly upstox: {
    readonly app: { readonly clientId: string; readonly clientSecret: string; readonly redirectUri: string };
    readonly customers: readonly { readonly mobileNumber: string; readonly pin: string }[];
  };
}

const readyLine = async (broker: Kunji) => JSON.parse(await broker.says("\n")) as Ready;
const sqlite = (name: string) => ["--database", `sqlite:${join(folder, `${name}.db`)}`];

/** Log lines so far. */
async function linesOf(broker: Kunji): Promise<Record<string, unknown>[]> {
  const text = await broker.notes("\n");
  const lines = text.slice(0, text.lastIndexOf("\n")).split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The processes that have said so, once so many have: the line on stdout may be here before the last of them. */
async function workersOf(broker: Kunji, count = WORKERS): Promise<number[]> {
  for (;;) {
    const ready = (await linesOf(broker)).filter(({ msg }) => msg === "ready");
    if (ready.length >= count) return ready.map(({ pid }) => Number(pid));
    await broker.more();
  }
}

/** A whole login, each request of it on a connection of its own. @returns the code */
async function logIn({ url, upstox }: Ready, customerAt = 0): Promise<string> {
  const { clientId, redirectUri } = upstox.app;
  const customer = upstox.customers[customerAt];
  if (!customer) throw new Error("there is no such customer");
  const browser = new HoppingBrowser();
  const query = new URLSearchParams({ response_type: "code", client_id: clientId, redirect_uri: redirectUri });
  let page = await browser.open(`${url}/v2/login/authorization/dialog?${query}`);
  while (page.location === undefined) {
    const form = readFirstForm(page.body);
    if (page.status !== 200 || !form) throw new Error(`the login stopped: ${page.status} ${page.body}`);
    const fields = { ...form.fields };
    for (const name of form.inputs) {
      if (name === "mobile_number") fields[name] = customer.mobileNumber;
      else if (name === "pin") fields[name] = customer.pin;
      else fields[name] = await newestOtp(url, customer.mobileNumber);
    }
    page = await browser.open(new URL(form.action, page.url).href, fields);
  }
  return new URL(page.location).searchParams.get("code") ?? "";
}

async function newestOtp(url: string, to: string): Promise<string> {
  for (;;) {
    // It is sent after the answer, by the worker that took the number.
    const { body } = await new HoppingBrowser().send(`${url}/inbox.json`);
    const found = (JSON.parse(body) as { to: string; otp?: string }[]).find((entry) => entry.to === to && entry.otp);
    if (found?.otp) return found.otp;
  }
}

async function exchange({ url, upstox }: Ready, code: string) {
  const { clientId, clientSecret, redirectUri } = upstox.app;
  const form = { code, client_id: clientId, client_secret: clientSecret, redirect_uri: redirectUri };
  const fields = { ...form, grant_type: "authorization_code" };
  return await new HoppingBrowser().send(url + TOKEN, { method: "POST", form: fields });
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** The same question on so many new connections that every worker is asked. */
async function profileEverywhere({ url }: Ready, token: string): Promise<Set<number>> {
  const ask = () => new HoppingBrowser().send(url + PROFILE, bearer(token));
  const answers = await Promise.all(Array.from({ length: 4 * WORKERS }, ask));
  return new Set(answers.map(({ status }) => status));
}

async function databases() {
  const postgres = await testDatabase();
  return { sqlite: sqlite("login"), postgres: ["--database", postgres.url], drop: postgres.drop };
}

describe.each(["sqlite", "postgres"] as const)("kunji serve --workers on %s", (engine) => {
  let broker: Kunji;
  let line: Ready;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const urls = await databases();
    drop = urls.drop;
    broker = new Kunji([...demo, ...urls[engine]]);
    line = await readyLine(broker);
  }, 60_000);
  afterAll(async () => {
    await broker[Symbol.asyncDispose]();
    await drop();
  });

  it("prints one line when all are ready; its pid is the parent's", async () => {
    const workers = await workersOf(broker);
    expect(new Set(workers).size).toBe(WORKERS);
    expect(line.pid).toBe(broker.child.pid);
    expect(workers).not.toContain(line.pid);
    expect((await broker.says("\n")).split("\n")).toHaveLength(2);
  });

  it("logs people in whose every request meets another worker", async () => {
    const answer = await exchange(line, await logIn(line));
    expect(answer.status).toBe(200);
    const seen = (await linesOf(broker)).filter(({ route }) => String(route).startsWith("/login/upstox/"));
    expect(new Set(seen.map(({ pid }) => pid)).size).toBeGreaterThan(1);
  });

  it("takes a code once, whoever is asked, and the token it bought dies everywhere (S-13, S-14)", async () => {
    const code = await logIn(line);
    const answers = await Promise.all(Array.from({ length: 4 * WORKERS }, () => exchange(line, code)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 4 * WORKERS - 1 }, () => 400)]);
    const won = answers.find(({ status }) => status === 200);
    const { access_token: token } = JSON.parse(won?.body ?? "") as { access_token: string };
    expect(await profileEverywhere(line, token)).toEqual(new Set([401]));
  });

  it("ends a token at every worker at once (S-29)", async () => {
    const { body } = await exchange(line, await logIn(line, 1));
    const { access_token: token } = JSON.parse(body) as { access_token: string };
    expect(await profileEverywhere(line, token)).toEqual(new Set([200]));
    const out = await new HoppingBrowser().send(`${line.url}/v2/logout`, { method: "DELETE", ...bearer(token) });
    expect(out.status).toBe(200);
    expect(await profileEverywhere(line, token)).toEqual(new Set([401]));
  });

  it("adds up the metrics of all, whoever is asked", async () => {
    const read = async () => (await new HoppingBrowser().send(`${line.url}/metrics`)).body;
    const counted = (text: string) => Number(/kunji_code_exchanges_total\{.*outcome="issued"\} (\d+)/.exec(text)?.[1]);
    expect((await exchange(line, await logIn(line))).status).toBe(200);
    const [one, two, three] = [await read(), await read(), await read()];
    expect(one).toContain(`\nkunji_workers_ready ${WORKERS}\n`);
    expect(counted(one)).toBeGreaterThan(0);
    expect([counted(two), counted(three)]).toEqual([counted(one), counted(one)]);
  });
});

describe("kunji serve --workers", () => {
  it("replaces workers that end, also all of them, on the same port, and says how they ended", async () => {
    await using broker = new Kunji([...demo, ...sqlite("replaced")]);
    const { url } = await readyLine(broker);
    const before = await workersOf(broker);
    const metrics = async () => (await new HoppingBrowser().send(`${url}/metrics`)).body;
    for (let n = 0; n < 2 * WORKERS; n++) await new HoppingBrowser().send(`${url}/health/live`);
    expect(await metrics()).toContain(`kunji_http_requests_total{route="/health/live",status="200"} ${2 * WORKERS}\n`);
    for (const pid of before) process.kill(pid, "SIGKILL");
    await workersOf(broker, 2 * WORKERS);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const ends = (await linesOf(broker)).filter(({ msg }) => msg === "a worker ended and is replaced");
    expect(ends.map(({ worker }) => worker).toSorted()).toEqual(before.toSorted());
    for (const end of ends) expect(end).toMatchObject({ signal: "SIGKILL", inMs: 0 });
    expect((await linesOf(broker)).filter(({ msg }) => String(msg).includes("cannot start"))).toEqual([]);
    const body = await metrics();
    expect(body).toContain(`kunji_worker_ends_total{how="signal"} ${WORKERS}`);
    // A sum that fell would be a restart to Prometheus, which then counts all of it again.
    expect(body).toContain(`kunji_http_requests_total{route="/health/live",status="200"} ${2 * WORKERS}\n`);
    expect(body).toContain(`\nkunji_workers_ready ${WORKERS}\n`);
    expect(body).toContain(`\nkunji_workers_configured ${WORKERS}\n`);
  });

  it("says why a worker cannot be replaced, and tries again while the others go on", async () => {
    await using broker = new Kunji([...demo, ...sqlite("unreadable")]);
    const { url } = await readyLine(broker);
    const [victim = 0] = await workersOf(broker);
    // Those that live have the old files open.
    for (const end of ["-wal", "-shm"]) await rm(join(folder, `unreadable.db${end}`));
    await writeFile(join(folder, "other.db"), "no database at all".repeat(1_000));
    await rename(join(folder, "other.db"), join(folder, "unreadable.db"));
    process.kill(victim, "SIGKILL");
    const ends = async () => (await linesOf(broker)).filter(({ msg }) => msg === "a worker ended and is replaced");
    while ((await ends()).length < 3) await broker.more();
    expect(await ends()).toMatchObject([
      { worker: victim, signal: "SIGKILL", inMs: 0 },
      { code: 1, signal: null, inMs: 500 },
      { code: 1, signal: null, inMs: 1_000 },
    ]);
    const reasons = (await linesOf(broker)).filter(({ msg }) => String(msg).startsWith("a worker cannot start: "));
    expect(reasons.length).toBeGreaterThanOrEqual(2);
    expect((await new HoppingBrowser().send(`${url}/health/live`)).status).toBe(200);
  });

  it("lets go of a connection that was on its way to a worker when that was killed", async () => {
    await using broker = new Kunji([...demo, ...sqlite("handover")]);
    const { url } = await readyLine(broker);
    const [stuck = 0, ...others] = await workersOf(broker);
    expect(others).toHaveLength(WORKERS - 1);
    process.kill(stuck, "SIGSTOP");
    // One of these is handed to the worker that does not move, and nobody else gets it.
    const asked = Array.from({ length: 2 * WORKERS }, () => fetch(`${url}/health/live`, { keepalive: false }));
    const outcomes = asked.map((asking) => asking.then(({ status }) => status).catch(() => "cut"));
    await Promise.race(outcomes);
    process.kill(stuck, "SIGKILL");
    const counted = await Promise.all(outcomes);
    expect(counted.filter((outcome) => outcome === "cut").length).toBeLessThanOrEqual(1);
    expect(counted.filter((outcome) => outcome === 200).length).toBeGreaterThan(WORKERS);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends with 0 on %s, and every worker with it", async (signal) => {
    await using broker = new Kunji([...demo, ...sqlite(signal)]);
    await readyLine(broker);
    const workers = await workersOf(broker);
    // As a terminal and systemd do: parent and workers get it alike.
    for (const pid of workers) process.kill(pid, signal);
    broker.kill(signal);
    const { code, stdout, stderr } = await broker.ended;
    expect(code).toBe(0);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).not.toContain("a worker ended");
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("finishes what the others have under way when one of them hangs (S-115)", async () => {
    await using broker = new Kunji([...demo, ...sqlite("hangs")]);
    await readyLine(broker);
    const workers = await workersOf(broker);
    const stuck = workers[1];
    if (stuck === undefined) throw new Error("there is one worker only");
    process.kill(stuck, "SIGSTOP");
    broker.kill("SIGTERM");
    const { code, stderr } = await broker.ended;
    expect(code).toBe(1);
    const lines = await linesOf(broker);
    const killed = lines.filter(({ msg }) => msg === "a worker did not stop in time and is killed");
    expect(killed.map(({ worker }) => worker)).toEqual([stuck]);
    const finished = lines.filter(({ msg }) => msg === "stopped").map(({ pid }) => pid);
    expect(finished).toEqual(expect.arrayContaining(workers.filter((pid) => pid !== stuck)));
    expect(stderr).toContain("A worker did not stop in time and was killed");
  }, 30_000);

  it("ends with 0 when it is told to while its workers still start", async () => {
    await using broker = new Kunji([...demo, ...sqlite("early")]);
    // The first one is ready, and the others begin.
    await broker.notes('"ready"');
    broker.kill("SIGTERM");
    const { code, stdout, stderr } = await broker.ended;
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toContain("did not stop in time");
  });

  it("leaves no worker behind when the parent is killed", async () => {
    await using broker = new Kunji([...demo, ...sqlite("orphans")]);
    const { url } = await readyLine(broker);
    broker.kill("SIGKILL");
    // The workers have its stdout and stderr, which end with the last of them.
    await broker.ended;
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("ends altogether when the store of one worker fails (S-119)", async () => {
    const limited: KunjiOptions = { fileBlocks: 1024 };
    await using broker = new Kunji([...demo, ...sqlite("full")], limited);
    const { url, upstox } = await readyLine(broker);
    const query = new URLSearchParams({ client_id: upstox.app.clientId, redirect_uri: upstox.app.redirectUri });
    const begin = () => new HoppingBrowser().send(`${url}/v2/login/authorization/dialog?${query}`);
    let status = 302;
    while (status === 302) ({ status } = await begin());
    expect(status).toBe(503);
    const { code, stderr } = await broker.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("The store failed, see the log.");
  });

  it("says once why it cannot start, and leaves no process behind", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const words = demo.map((word, index) => (demo[index - 1] === "--port" ? String(port) : word));
    const { code, stdout, stderr } = await kunji([...words, ...sqlite("taken")]);
    taken.close();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.match(/Port \d+ is taken/g)).toHaveLength(1);
  });
});
