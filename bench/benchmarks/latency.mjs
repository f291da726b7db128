// How long exchanges take at a steady rate, alone and while customers log in through the pages.

import { median, milliseconds } from "../harness/figures.mjs";
import { atMost, goalColumns } from "../harness/goals.mjs";
import { ANY_CORE, LOAD_CORE, SERVER_CORE } from "../harness/processes.mjs";
import { quietRounds } from "../harness/quiet-rounds.mjs";
import { openMarket } from "./logins.mjs";
import { exchangeRequests } from "./requests.mjs";
import { withPlace } from "./servers.mjs";

const PER_SECOND = 1_000;
const CONNECTIONS = 64;
const GOALS = { alone: 7, amidLogins: 10 };
/** Logins that are under way at any moment. */
const AT_ONCE = 16;
/** Rounds are longer here: one in a thousand has to be seen often enough. */
const ROUND_FACTOR = 3;

export async function measureLatency(options) {
  const alone = await withPlace((place) => measureAlone(place, options));
  const amid = await withPlace((place) => measureAmidLogins(place, options));
  const goals = [
    atMost(`exchange p99 at ${PER_SECOND}/s`, figure(alone, "p99"), GOALS.alone, milliseconds),
    atMost(`exchange p99 at ${PER_SECOND}/s amid logins`, figure(amid, "p99"), GOALS.amidLogins, milliseconds),
  ];
  const row = (what, runs, goal) => ({
    what,
    ...Object.fromEntries(
      ["p50", "p99", "p999"].map((key) => [key.replace("999", "99.9"), milliseconds(figure(runs, key))]),
    ),
    "slowest round's p99": milliseconds(Math.max(...runs.map(({ p99 }) => p99))),
    "logins/s meanwhile": runs[0].logins === undefined ? "" : median(runs.map(({ logins }) => logins)).toFixed(1),
    ...goalColumns(goal),
  });
  return {
    name: `token exchange at a steady ${PER_SECOND}/s, counted from the planned moment (${options.database})`,
    rows: [row("alone", alone, goals[0]), row("amid full logins", amid, goals[1])],
    goals,
    runs: { alone, amid },
  };
}

const figure = (runs, key) => median(runs.map((run) => run[key]));

async function measureAlone(place, options) {
  const store = await place.store(options.database);
  const broker = await place.broker(store, SERVER_CORE);
  const issuer = await place.broker(store, LOAD_CORE);
  const load = place.start("harness/steady-load", LOAD_CORE);
  return await quietRounds(options.rounds, () => steadyRound({ broker, issuer, load, options, spin: true }));
}

/** Server, customers and load share all cores, as far as they go. */
async function measureAmidLogins(place, options) {
  const store = await place.store(options.database);
  const { crowd, broker } = await openMarket(place, { store });
  const issuer = await place.broker(store, ANY_CORE);
  const load = place.start("harness/steady-load", ANY_CORE);
  return await quietRounds(options.rounds, async () => {
    const seconds = options.seconds * ROUND_FACTOR + 1;
    const [exchanges, logins] = await Promise.all([
      steadyRound({ broker, issuer, load, options, spin: false }),
      crowd.call("logins", { seconds, atOnce: AT_ONCE }),
    ]);
    return { ...exchanges, logins: logins.perSecond };
  });
}

async function steadyRound({ broker, issuer, load, options, spin }) {
  const seconds = options.seconds * ROUND_FACTOR;
  const codes = await issuer.call("codes", Math.ceil(PER_SECOND * seconds) + 1);
  const kinds = [{ name: "exchange", ...exchangeRequests(broker, codes) }];
  const plan = { port: broker.port, connections: CONNECTIONS, perSecond: PER_SECOND, seconds, kinds, spin };
  return (await load.call("run", plan)).exchange;
}
