// What a token costs a bot: from the warm keeper of its own process, and after the click that approves the day's login.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startBroker } from "@kunji/broker/testing";
import { openKeeper, openVault } from "@kunji/keeper";
import { median, milliseconds } from "../harness/figures.mjs";
import { LOAD_CORE, nodeOn, startContender } from "../harness/processes.mjs";

const GOALS = { warm: 1, click: 250, command: 300 };
const COMMAND = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url));
const WARM_CALLS_PER_SECOND = 5_000;
const CLICKS_PER_ROUND = 15;

export async function measureKeeper({ rounds, seconds }) {
  const home = await mkdtemp(join(tmpdir(), "kunji-bench-"));
  const bench = await openBench(home);
  try {
    const clicks = await measureClicks(bench, rounds * CLICKS_PER_ROUND);
    const warm = [];
    for (let round = 0; round <= rounds; round++) {
      const times = await bench.bot.call("warm", { calls: Math.round((WARM_CALLS_PER_SECOND * seconds) / rounds) });
      if (round > 0) warm.push(...times);
    }
    const commands = measureCommand(bench.env, rounds);
    const rows = [
      row("keeper.token(), warm, in process", warm),
      row("kunji token, the whole process", commands),
      row("approval click to token in a waiting process", clicks),
    ];
    const goals = [
      goal("warm token(), p99", percentile(warm, 99), GOALS.warm),
      goal("click to token, p99", percentile(clicks, 99), GOALS.click),
      goal("kunji token, median", median(commands), GOALS.command),
    ];
    return { name: "keeper, vault of files", rows, goals, runs: { warm: warm.length, clicks, commands } };
  } finally {
    await bench.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** A broker, a process that logs in and receives the webhook, and a bot that waits in another. */
async function openBench(home) {
  const env = { KUNJI_HOME: home, KUNJI_VAULT_KEY: "file" };
  const webhookPort = await freePort();
  const notifierKey = await addAccount(env);
  const broker = await startBroker({ notifierUrl: `http://127.0.0.1:${webhookPort}/kunji/approved/${notifierKey}` });
  const module = new URL("../contenders/keeper.mjs", import.meta.url);
  // Not on a core each: a bot and a login share a machine with everything else.
  const [desk, bot] = [startContender(module, LOAD_CORE), startContender(module, LOAD_CORE)];
  const all = { ...env, KUNJI_UPSTOX_URL: broker.url };
  const toOpen = { env: all, webhookPort };
  await Promise.all([desk.call("open", toOpen), bot.call("open", toOpen)]);
  return {
    env: all,
    broker,
    desk,
    bot,
    async close() {
      await Promise.all([desk, bot].map((each) => each.call("close").then(() => each.stop())));
      await broker.close();
    },
  };
}

/** The demo app is the same in every broker, so the account can be there before the one that is measured. */
async function addAccount(env) {
  const broker = await startBroker();
  const { clientId, clientSecret } = broker.upstox.app;
  const userId = broker.upstox.customers[0].userId;
  await broker.close();
  const vault = await openVault({ env });
  const keeper = await openKeeper({ vault });
  const profile = await keeper.accounts.add({ broker: "upstox", way: "approval", clientId, clientSecret, userId });
  await keeper.close();
  await vault.close();
  return profile.notifierKey.reveal();
}

/** Milliseconds from the click on "approve" to the token in the process that waits, for each of so many logins. */
async function measureClicks({ broker, desk, bot }, count) {
  const times = [];
  // The first ones warm up.
  for (let click = -3; click < count; click++) {
    const arrival = bot.call("waitForToken");
    await bot.told("waiting");
    const login = desk.call("login");
    await desk.told("asked");
    const clicked = await approve(broker);
    if (click >= 0) times.push((await arrival) - clicked);
    await Promise.all([arrival, login]);
    await broker.settled();
    if (click < count - 1) await desk.call("logout");
  }
  return times;
}

/** Milliseconds of each whole `kunji token`, Node's own start included. The last click left a token in the vault. */
function measureCommand(env, rounds) {
  const times = [];
  for (let call = -1; call < rounds * 3; call++) {
    const [program, arguments_] = nodeOn(LOAD_CORE, [COMMAND, "token", "upstox"]);
    const start = performance.now();
    const { status, stderr } = spawnSync(program, arguments_, { encoding: "utf8", env: { ...process.env, ...env } });
    const time = performance.now() - start;
    if (status !== 0) throw new Error(stderr);
    if (call >= 0) times.push(time);
  }
  return times;
}

/** The owner opens the push message's link and approves. @returns the moment of the click, in epoch milliseconds */
async function approve(broker) {
  const { link } = (await broker.inbox()).find(({ kind }) => kind === "push");
  const page = await (await fetch(link)).text();
  const [, csrf] = /name="csrf" value="([^"]*)"/.exec(page);
  const { pin } = broker.upstox.customers[0];
  const clicked = performance.timeOrigin + performance.now();
  const answer = await fetch(link, {
    method: "POST",
    headers: { origin: broker.url },
    body: new URLSearchParams({ csrf, pin, decision: "approve" }),
    redirect: "manual",
  });
  if (answer.status !== 303) throw new Error(`the approval was answered ${answer.status}`);
  return clicked;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)];
}

const row = (what, values) => ({
  what,
  times: values.length,
  p50: milliseconds3(median(values)),
  p99: milliseconds3(percentile(values, 99)),
  most: milliseconds3(Math.max(...values)),
});

const milliseconds3 = (value) => (value < 1 ? `${value.toFixed(3)} ms` : milliseconds(value));

const goal = (what, value, limit) => ({
  what,
  goal: `< ${limit} ms`,
  measured: milliseconds3(value),
  met: value < limit,
});
