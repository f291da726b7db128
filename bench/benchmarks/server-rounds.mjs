// What the comparisons of servers share: rounds in turn, and figures out of them.

import { median, medianRatio, microseconds, ratio, whole } from "../harness/figures.mjs";
import { atLeast, goalColumns } from "../harness/goals.mjs";
import { LOAD_CORE } from "../harness/processes.mjs";
import { quietRounds } from "../harness/quiet-rounds.mjs";
import { startServers, withPlace } from "./servers.mjs";

export const CONNECTIONS = 48;

/**
 * Compares servers at one kind of request.
 * @param names of servers.mjs; the first is what the others are shares of
 * @param requestsFor makes the requests of a round: `(server, perSecondOfTheRoundBefore) => plan` of load.mjs
 * @param goals `(share) => goals[]`, each with `of`, the name of the server whose row shows it; `share(a, b)` is the median
 * of the ratios within each round
 */
export async function compareServers({ title, names, requestsFor, goals }, options) {
  return await withPlace(async (place) => {
    const servers = await startServers(place, names, LOAD_CORE);
    const load = place.start("harness/load", LOAD_CORE);
    const runs = await runRounds(servers, load, options, requestsFor);
    const share = (one, other) => medianRatio(column(runs[one], "perSecond"), column(runs[other], "perSecond"));
    const met = goals(share);
    return {
      name: title,
      rows: names.map((name) =>
        row(
          servers[name].label,
          runs[name],
          runs[names[0]],
          met.find(({ of }) => of === name),
        ),
      ),
      goals: met,
      runs,
    };
  });
}

/** Runs the servers in turn, each at another place in every round. */
async function runRounds(servers, load, { rounds, seconds }, requestsFor) {
  const names = Object.keys(servers);
  const rates = {};
  const runOne = async (name) => {
    const server = servers[name];
    const requests = await requestsFor(server, rates[name]);
    const before = await server.call("cpu");
    const run = await load.call("run", { ports: [server.port], connections: CONNECTIONS, seconds, ...requests });
    const after = await server.call("cpu");
    rates[name] = run.answers / run.seconds;
    return {
      perSecond: rates[name],
      cpuPerAnswer: (after.user + after.system - before.user - before.system) / run.answers,
      bytes: run.bytes,
    };
  };
  const runs = await quietRounds(rounds, async (round) => {
    const first = round % names.length;
    const result = {};
    for (const name of [...names.slice(first), ...names.slice(0, first)]) result[name] = await runOne(name);
    return result;
  });
  const own = (name) => runs.map((run) => ({ ...run[name], others: run.others }));
  return Object.fromEntries(names.map((name) => [name, own(name)]));
}

function row(server, runs, bare, goal) {
  return {
    server,
    "requests/s": whole(median(column(runs, "perSecond"))),
    "CPU per request": microseconds(median(column(runs, "cpuPerAnswer"))),
    "bytes per answer": runs[0].bytes,
    share: ratio(medianRatio(column(runs, "perSecond"), column(bare, "perSecond"))),
    "share by CPU": ratio(medianRatio(column(bare, "cpuPerAnswer"), column(runs, "cpuPerAnswer"))),
    ...(goal ? goalColumns(goal) : { goal: "", met: "" }),
  };
}

const column = (runs, key) => runs.map((run) => run[key]);

/** A goal on a share, told in the row of `of`. */
export const shareGoal = (of, what, measured, limit) => ({ of, ...atLeast(what, measured, limit, ratio) });

/** A goal on how often ours does what another server does once, told in that server's row. */
export const timesGoal = (of, what, measured, limit) => ({
  ...shareGoal(of, what, measured, limit),
  goal: `ours >= ${ratio(limit)} x`,
});
