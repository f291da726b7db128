// One replica against two on one Postgres: what an exchange costs each process, and the database.

import { median, medianRatio, microseconds, ratio, whole } from "../harness/figures.mjs";
import { atLeast, goalColumns } from "../harness/goals.mjs";
import { LOAD_CORE, SERVER_CORE } from "../harness/processes.mjs";
import { quietRounds } from "../harness/quiet-rounds.mjs";
import { exchangeRequests } from "./requests.mjs";
import { CONNECTIONS } from "./server-rounds.mjs";
import { withPlace } from "./servers.mjs";

const GOAL = 1.7;
const FIRST_PER_SECOND = 8_000;
const RESERVE = 1.5;
/** Nothing listens there: it is what the requests call both. */
const HOST = "127.0.0.1:9";

/**
 * On few cores two replicas, their database and the load cannot all run at once, so requests a second say nothing. CPU
 * does: where a replica has a core of its own and the database is not the limit, two do 2 x (CPU of an exchange with
 * one) / (CPU of an exchange with two) of what one does.
 */
export async function measureReplicas({ rounds, seconds }) {
  return await withPlace(async (place) => {
    const store = await place.store("postgres");
    // Replicas answer to one name, as behind a load balancer.
    const shared = { settings: { KUNJI_PUBLIC_URL: `http://${HOST}` } };
    const replicas = [await place.broker(store, SERVER_CORE, shared), await place.broker(store, SERVER_CORE, shared)];
    const issuer = await place.broker(store, LOAD_CORE);
    const load = place.start("harness/load", LOAD_CORE);
    const postgres = await place.postgres();
    const rates = {};
    const runWith = async (name, used) => {
      const codes = await issuer.call("codes", Math.ceil((rates[name] ?? FIRST_PER_SECOND) * seconds * RESERVE));
      const before = { cpu: await totalCpu(used), database: postgres.cpu() };
      const run = await load.call("run", {
        ...exchangeRequests({ ...replicas[0], host: HOST }, codes),
        ports: used.map(({ port }) => port),
        connections: CONNECTIONS * used.length,
        seconds,
        once: true,
      });
      rates[name] = run.answers / run.seconds;
      return {
        perSecond: rates[name],
        cpu: ((await totalCpu(used)) - before.cpu) / run.answers,
        database: (postgres.cpu() - before.database) / run.answers,
      };
    };
    const runs = await quietRounds(rounds, async (round) => {
      const result = {};
      const turn = [
        ["one", replicas.slice(0, 1)],
        ["two", replicas],
      ];
      for (const [name, used] of round % 2 === 0 ? turn : turn.reverse()) result[name] = await runWith(name, used);
      return result;
    });
    const own = (name) => runs.map((run) => ({ ...run[name], others: run.others }));
    return report({ one: own("one"), two: own("two") });
  });
}

async function totalCpu(replicas) {
  const all = await Promise.all(replicas.map((replica) => replica.call("cpu")));
  return all.reduce((sum, { user, system }) => sum + user + system, 0);
}

function report(runs) {
  const column = (name, key) => runs[name].map((run) => run[key]);
  const gain = 2 * medianRatio(column("one", "cpu"), column("two", "cpu"));
  const goal = atLeast("two replicas on one Postgres, times one (by CPU per exchange)", gain, GOAL, ratio);
  const row = (label, name) => ({
    replicas: label,
    "requests/s here": whole(median(column(name, "perSecond"))),
    "CPU per exchange, broker": microseconds(median(column(name, "cpu"))),
    "CPU per exchange, database": microseconds(median(column(name, "database"))),
  });
  return {
    name: "replicas on one Postgres",
    rows: [
      { ...row("one", "one"), gain: ratio(1), goal: "", met: "" },
      { ...row("two", "two"), gain: ratio(gain), ...goalColumns(goal) },
    ],
    goals: [goal],
    runs,
  };
}
