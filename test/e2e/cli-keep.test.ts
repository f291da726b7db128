// `kunji keep` as a process: what bots, a second service and a service manager see of it.
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { connectKeeper } from "@kunji/keeper/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildKunji, Kunji, kunji } from "./_kunji.ts";

let broker: TestBroker;
let home: string;
beforeAll(async () => {
  [broker] = await Promise.all([startBroker({ customers: 1 }), buildKunji()]);
}, 180_000);
afterAll(() => broker.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "kunji-keep-"));
  await broker.reset();
  const { individualApp, customers } = broker.tradejini;
  const owner = customers.find(({ clientCode }) => clientCode === individualApp.clientCode);
  const words = `accounts add tradejini --way totp --client-id ${individualApp.clientId} --store-factors --secrets-stdin`;
  const input = JSON.stringify({ password: owner?.password, totpSecret: owner?.totpSecret });
  expect(await kunji(words.split(" "), { env: environment(), input })).toMatchObject({ code: 0 });
  return () => rm(home, { recursive: true, force: true });
});

function environment(): Record<string, string> {
  return { KUNJI_HOME: home, KUNJI_VAULT_KEY: "file", KUNJI_TRADEJINI_URL: `${broker.url}/v2` };
}

const KEEP = ["keep", "--port", "0", "--webhook-port", "0", "--no-schedule", "--json"];

interface ReadyLine {
  readonly url: string;
  readonly socket: string;
  readonly bearerFile: string;
  readonly pid: number;
}

async function startKeep(): Promise<{ readonly keep: Kunji; readonly ready: ReadyLine }> {
  const keep = new Kunji(KEEP, { env: environment() });
  return { keep, ready: JSON.parse(await keep.says("\n")) as ReadyLine };
}

describe("kunji keep", () => {
  it("gives a bot its token over the socket and over loopback with the bearer, and ends with exit code 0", async () => {
    const { keep, ready } = await startKeep();
    const overSocket = connectKeeper({ socket: ready.socket });
    const overLoopback = connectKeeper({ url: ready.url, bearerFile: ready.bearerFile });
    const [one, two] = [await overSocket.token("tradejini"), await overLoopback.token("tradejini")];
    expect(one.accessToken.reveal()).toMatch(/^kutj_at_[\w-]{40,}$/);
    expect(two.accessToken.reveal()).toBe(one.accessToken.reveal());
    const { stdout } = await kunji(["token", "tradejini"], { env: environment() });
    expect(stdout.trim()).toBe(one.accessToken.reveal());
    for (const client of [overSocket, overLoopback]) client.close();

    keep.kill("SIGTERM");
    const { code, stdout: said, stderr } = await keep.ended;
    expect(code).toBe(0);
    // S-96: what it says and logs holds neither token nor bearer nor the way into the dashboard.
    for (const output of [said, stderr]) {
      expect(output).not.toContain(one.accessToken.reveal());
      expect(output).not.toContain("/open/");
    }
    await expect(stat(ready.socket)).rejects.toThrow("ENOENT");
    await expect(stat(ready.bearerFile)).rejects.toThrow("ENOENT");
  });

  it("keeps socket and bearer for its owner alone (S-75)", async () => {
    const { keep, ready } = await startKeep();
    expect((await stat(ready.socket)).mode & 0o777).toBe(0o600);
    expect((await stat(ready.bearerFile)).mode & 0o777).toBe(0o600);
    expect((await readFile(ready.bearerFile, "utf8")).trim().length).toBeGreaterThanOrEqual(43);
    keep.kill("SIGTERM");
    await keep.ended;
  });

  it.runIf(process.platform === "linux")("keeps its memory out of core dumps (S-79)", async () => {
    const { keep } = await startKeep();
    expect((await readFile(`/proc/${keep.child.pid}/coredump_filter`, "utf8")).trim()).toBe("00000000");
    keep.kill("SIGTERM");
    await keep.ended;
  });

  it("is one per folder: a second one says so with exit code 1", async () => {
    const { keep } = await startKeep();
    const second = await kunji(KEEP, { env: environment() });
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).not.toMatch(/\n {4}at /);
    keep.kill("SIGTERM");
    expect((await keep.ended).code).toBe(0);
  });

  it("starts again after it was killed, over the socket that the dead one left", async () => {
    const { keep } = await startKeep();
    keep.kill("SIGKILL");
    await keep.ended;
    const { keep: next } = await startKeep();
    next.kill("SIGTERM");
    expect((await next.ended).code).toBe(0);
  });

  it("lets a browser into the dashboard by a link of kunji dashboard, once", async () => {
    const { keep, ready } = await startKeep();
    const { stdout } = await kunji(["dashboard", "--no-browser"], { env: environment() });
    expect(stdout).toMatch(new RegExp(`^${ready.url}/open/[\\w-]{43}\\n$`));
    const open = () => fetch(stdout.trim(), { redirect: "manual" });
    expect((await open()).headers.get("set-cookie")).toContain("HttpOnly");
    expect((await open()).headers.get("set-cookie")).toBeNull();
    keep.kill("SIGTERM");
    await keep.ended;
  });

  it.each([
    [["--at", "25:00"], "the time is HH:MM in IST"],
    [["--retry-minutes", "5"], "whole number from 12 to 720"],
    [["--until", "noon"], "the last time is HH:MM"],
    [["--expiring-minutes", "0"], "expiringMinutes"],
  ])("refuses %j with exit code 2", async (words, sentence) => {
    const { code, stderr } = await kunji(["keep", "--port", "0", "--webhook-port", "0", ...words], {
      env: environment(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it("says that no service runs when the dashboard is asked for", async () => {
    const { code, stderr } = await kunji(["dashboard", "--no-browser"], { env: environment() });
    expect(code).toBe(1);
    expect(stderr).toContain("kunji keep");
  });
});
