// Full logins through all pages, against the wall: how many argon2id hashes the same machine can do at that moment.

import { median, medianRatio, milliseconds, ratio } from "../harness/figures.mjs";
import { atLeast } from "../harness/goals.mjs";
import { ANY_CORE } from "../harness/processes.mjs";
import { quietRounds } from "../harness/quiet-rounds.mjs";
import { withPlace } from "./servers.mjs";

const GOAL = 0.6;
const CUSTOMERS = 2_000;
const AT_ONCE = 32;
/** Shorter rounds say little at a hundred logins a second. */
const ROUND_FACTOR = 2;
/** One address and one number log in again and again; argon2id costs what it costs. */
export const LOGIN_SETTINGS = { KUNJI_OTP_PER_NUMBER: 1e9, KUNJI_OTP_PER_ADDRESS: 1e9, KUNJI_OTP_TOTAL: 1e9 };

/** @returns the crowd and a broker that posts its messages to it, on all cores */
export async function openMarket(
  place,
  { store, customers = CUSTOMERS, asShipped = false, settings = LOGIN_SETTINGS },
) {
  const crowd = place.start("storm/crowd", ANY_CORE);
  const { gateway } = await crowd.call("start");
  const options = { customers, asShipped, settings: { ...settings, KUNJI_MESSAGE_SENDER: gateway } };
  const broker = await place.broker(store, ANY_CORE, options);
  await meet(crowd, [broker]);
  return { crowd, broker, options };
}

/** Tells the crowd where the replicas are: it calls each by the name of the first. */
export async function meet(crowd, replicas) {
  const [{ port, app, customers }] = replicas;
  const ports = replicas.map((replica) => replica.port);
  await crowd.call("meet", { ports, host: `127.0.0.1:${port}`, app, customers });
}

export async function measureLogins({ rounds, seconds, database }) {
  return await withPlace(async (place) => {
    const { crowd, broker } = await openMarket(place, { store: await place.store(database) });
    const wall = place.start("contenders/argon2-wall", ANY_CORE);
    // The first round also replaces the cheap hashes of the demo customers.
    const runs = await quietRounds(rounds, async () => {
      const all = await wall.call("run", { seconds, spareCores: 0 });
      const spared = await wall.call("run", { seconds, spareCores: 1 });
      const before = await broker.call("cpu");
      const run = await crowd.call("logins", { seconds: seconds * ROUND_FACTOR, atOnce: AT_ONCE });
      const after = await broker.call("cpu");
      const cpuMs = (after.user + after.system - before.user - before.system) / 1000;
      return { wall: all, spared, logins: run, cpuPerLogin: cpuMs / (run.perSecond * run.seconds) };
    });
    return report(runs);
  });
}

function report(runs) {
  const column = (read) => runs.map(read);
  const logins = column((run) => run.logins.perSecond);
  const share = medianRatio(
    logins,
    column((run) => run.wall.perSecond),
  );
  const spared = medianRatio(
    logins,
    column((run) => run.spared.perSecond),
  );
  const hashMs = median(column((run) => run.wall.cpuMsPerHash));
  const cpu = median(column((run) => run.cpuPerLogin));
  const perSecond = (values) => median(values).toFixed(1);
  const row = (what, value, more = {}) => ({ what, "per second": value, "CPU each": "", share: "", ...more });
  const met = atLeast("full logins, share of the argon2id wall on all cores", share, GOAL, ratio);
  return {
    name: `full logins through all pages, ${AT_ONCE} at a time`,
    rows: [
      row("argon2id on all cores (the wall)", perSecond(column((run) => run.wall.perSecond)), {
        "CPU each": milliseconds(hashMs),
        share: ratio(1),
      }),
      row("argon2id on all cores but one", perSecond(column((run) => run.spared.perSecond)), {
        share: ratio(
          medianRatio(
            column((run) => run.spared.perSecond),
            column((run) => run.wall.perSecond),
          ),
        ),
      }),
      row("full logins", perSecond(logins), { "CPU each": milliseconds(cpu), share: ratio(share) }),
      row("  of all cores but one", "", { share: ratio(spared) }),
      row("  p50 / p99 of a login", "", {
        "CPU each": `${milliseconds(median(column((run) => run.logins.latency.p50)))} / ${milliseconds(median(column((run) => run.logins.latency.p99)))}`,
      }),
    ],
    goals: [met],
    runs,
  };
}
