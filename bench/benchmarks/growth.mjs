// Cost grows with work, not with data: token checks on a store full of old and live tokens against an empty one, and how
// long the event loop stands still while the old ones are cleared away.

import { median, medianRatio, microseconds, milliseconds, ratio, whole } from "../harness/figures.mjs";
import { atMost, goalColumns } from "../harness/goals.mjs";
import { ANY_CORE, LOAD_CORE, SERVER_CORE } from "../harness/processes.mjs";
import { watchOthers } from "../harness/quiet-rounds.mjs";
import { profileRequests } from "./requests.mjs";
import { CONNECTIONS } from "./server-rounds.mjs";
import { withPlace } from "./servers.mjs";

const GOALS = { ratio: 1.2, blockedMs: 50 };
/** Live tokens that the load goes round, of both stores alike. */
const IN_USE = 2_000;
const OLD_MS = 5 * 86_400_000;
/** Housekeeping begins a minute after a start; rounds must be over by then. */
const MOST_ROUND_SECONDS = 45;
const HOUSEKEEPING_MS = 62_000;
const SWEEP_SECONDS = 30;

export async function measureGrowth({ rounds, seconds, expired, live, database }) {
  return await withPlace(async (place) => {
    const stores = { empty: await place.store(database, "empty"), full: await place.store(database, "full") };
    await fill(place, stores.full, { expired, live });
    // Made after the others, as the tokens of a day are; the oldest live ones would lie elsewhere.
    const tokens = {};
    for (const [name, store] of Object.entries(stores)) {
      const maker = await place.broker(store, ANY_CORE);
      tokens[name] = await maker.call("tokens", IN_USE);
      await maker.stop();
    }
    const brokers = {};
    for (const [name, store] of Object.entries(stores)) brokers[name] = await place.broker(store, SERVER_CORE);
    const startedAt = performance.now();
    const load = place.start("harness/load", LOAD_CORE);
    const fits = Math.max(1, Math.min(rounds, Math.floor(MOST_ROUND_SECONDS / (2 * seconds)) - 1));
    const runs = await runRounds({ brokers, tokens, load, rounds: fits, seconds });
    const untilSweep = HOUSEKEEPING_MS - (performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, untilSweep)));
    const sweep = await watchSweep({ brokers, tokens, load });
    return report({ runs, sweep, expired, live, database });
  });
}

async function fill(place, store, { expired, live }) {
  const maker = await place.broker(store, ANY_CORE);
  await maker.call("oldTokens", { count: expired, ageMs: OLD_MS });
  await maker.call("oldTokens", { count: live, ageMs: 0 });
  await maker.stop();
}

/** In pairs, whichever first; so often as there is time. */
async function runRounds({ brokers, tokens, load, rounds, seconds }) {
  const runs = { empty: [], full: [] };
  const check = (name) => checkTokens({ broker: brokers[name], tokens: tokens[name], load, seconds });
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? ["empty", "full"] : ["full", "empty"]) {
      const others = watchOthers();
      runs[name].push({ ...(await check(name)), others: others() });
    }
  }
  return { empty: runs.empty.slice(1), full: runs.full.slice(1) };
}

async function checkTokens({ broker, tokens, load, seconds }) {
  const before = await broker.call("cpu");
  const plan = { ports: [broker.port], connections: CONNECTIONS, seconds, once: false, timed: true };
  const run = await load.call("run", { ...plan, ...profileRequests(broker, tokens) });
  const after = await broker.call("cpu");
  return {
    perSecond: run.answers / run.seconds,
    cpu: (after.user + after.system - before.user - before.system) / run.answers,
    p99: run.latency.p99,
  };
}

/** Both under the same load; only one of them has rows to clear away. */
async function watchSweep({ brokers, tokens, load }) {
  const sweep = {};
  for (const name of ["empty", "full"]) {
    await brokers[name].call("watchLoop");
    const run = await checkTokens({ broker: brokers[name], tokens: tokens[name], load, seconds: SWEEP_SECONDS });
    sweep[name] = { ...run, loop: await brokers[name].call("loopDelay") };
  }
  // Without load: what is left is the sweep alone.
  for (const name of ["empty", "full"]) {
    await brokers[name].call("watchLoop");
    await new Promise((resolve) => setTimeout(resolve, (SWEEP_SECONDS / 3) * 1000));
    sweep[name].idleLoop = await brokers[name].call("loopDelay");
  }
  return sweep;
}

function report({ runs, sweep, expired, live, database }) {
  const column = (name, key) => runs[name].map((run) => run[key]);
  const grown = (key) => medianRatio(column("full", key), column("empty", key));
  const blocked = Math.max(sweep.full.loop.max, sweep.full.idleLoop.max);
  const goals = [
    atMost("token check p99, full store against empty", grown("p99"), GOALS.ratio, ratio),
    atMost("CPU per token check, full store against empty", grown("cpu"), GOALS.ratio, ratio),
    atMost("event loop held up during clean-up, longest", blocked, GOALS.blockedMs, milliseconds),
  ];
  const row = (store, name, goal) => ({
    store,
    "checks/s": whole(median(column(name, "perSecond"))),
    "CPU per check": microseconds(median(column(name, "cpu"))),
    p99: milliseconds(median(column(name, "p99"))),
    ...(goal ? goalColumns(goal) : { goal: "", met: "" }),
  });
  const sweepRow = (store, { perSecond, cpu, p99, loop, idleLoop }, goal) => ({
    store: `${store}: loop held up at most ${milliseconds(loop.max)}, without load ${milliseconds(idleLoop.max)}`,
    "checks/s": whole(perSecond),
    "CPU per check": microseconds(cpu),
    p99: milliseconds(p99),
    ...(goal ? goalColumns(goal) : { goal: "", met: "" }),
  });
  return {
    name: `growth: ${whole(expired)} expired and ${whole(live)} live tokens (${database})`,
    rows: [
      row("empty", "empty"),
      row("full", "full", goals[0]),
      sweepRow("empty, nothing to clear", sweep.empty),
      sweepRow("full, clean-up under way", sweep.full, goals[2]),
    ],
    goals,
    runs: { ...runs, sweep },
  };
}
