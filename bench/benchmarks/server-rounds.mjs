// What the server benchmarks share: both servers up, rounds in turn, figures out of them.
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { upstoxRoutes } from "@kunji/contract/upstox";
import { buildCredentials } from "../contenders/build-credentials.mjs";
import { median, medianRatio, microseconds, ratio, whole } from "../harness/figures.mjs";
import { LOAD_CORE, SERVER_CORE, startContender } from "../harness/processes.mjs";

export const CONNECTIONS = 48;

/** Headers of the connection or the moment; all others bare Fastify sends as the broker does. */
const OWN_HEADERS = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding"]);

/**
 * Starts the broker, a second one that issues codes and tokens, bare Fastify that answers what the broker answers, and
 * the load; stops them after `use`.
 * @param use is handed `{ kunji, issuer, bare, load, app }`, the servers with their `port`
 */
export async function withServers(use) {
  await buildCredentials();
  const folder = await makeFolder();
  const started = [];
  const startOn = (file, core) => {
    const contender = startContender(new URL(file, import.meta.url), core);
    started.push(contender);
    return contender;
  };
  try {
    const store = { file: join(folder, "broker.db"), key: randomBytes(32).toString("base64url") };
    const kunji = startOn("../contenders/kunji-broker.mjs", SERVER_CORE);
    const { port, app } = await kunji.call("start", store);
    const issuer = startOn("../contenders/kunji-broker.mjs", LOAD_CORE);
    await issuer.call("start", store);
    const bare = startOn("../contenders/bare-fastify.mjs", SERVER_CORE);
    const { port: barePort } = await bare.call("start", await takeSamples(issuer, port, app));
    const load = startOn("../harness/load.mjs", LOAD_CORE);
    return await use({ app, load, issuer, kunji: { ...kunji, port }, bare: { ...bare, port: barePort } });
  } finally {
    await Promise.all(started.map((contender) => contender.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Beside the results and not in the temporary folder, which is memory on many machines: there a commit costs nothing. */
async function makeFolder() {
  const results = fileURLToPath(new URL("../results/", import.meta.url));
  await mkdir(results, { recursive: true });
  return await mkdtemp(join(results, "database-"));
}

/**
 * Runs the two in turn, each first in every other round, after a round that only warms up.
 * @param requestsFor makes the requests of a round: `(contender, perSecondOfTheRoundBefore) => plan` of load.mjs
 */
export async function runRounds({ kunji, bare, load }, { rounds, seconds }, requestsFor) {
  const runs = { bare: [], kunji: [] };
  const runOne = async (name, contender) => {
    const requests = await requestsFor(contender, runs[name].at(-1)?.perSecond);
    const before = await contender.call("cpu");
    const { port } = contender;
    const run = await load.call("run", { port, connections: CONNECTIONS, seconds, ...requests });
    const after = await contender.call("cpu");
    runs[name].push({
      perSecond: run.answers / run.seconds,
      cpuPerAnswer: (after.user + after.system - before.user - before.system) / run.answers,
      bytes: run.bytes,
    });
  };
  for (let round = 0; round <= rounds; round++) {
    const turn = [() => runOne("bare", bare), () => runOne("kunji", kunji)];
    for (const run of round % 2 === 0 ? turn : turn.reverse()) await run();
  }
  return { bare: runs.bare.slice(1), kunji: runs.kunji.slice(1) };
}

/** The result of a benchmark out of the runs of both servers. */
export function compare(name, goal, { bare, kunji }) {
  const column = (runs, key) => runs.map((run) => run[key]);
  const share = medianRatio(column(kunji, "perSecond"), column(bare, "perSecond"));
  const row = (contender, runs, figures) => ({
    contender,
    "requests/s": whole(median(column(runs, "perSecond"))),
    "CPU per request": microseconds(median(column(runs, "cpuPerAnswer"))),
    "bytes per answer": runs[0].bytes,
    ...figures,
  });
  return {
    name,
    rows: [
      row("bare Fastify", bare, { share: ratio(1), "share by CPU": ratio(1) }),
      row("Kunji", kunji, {
        share: ratio(share),
        "share by CPU": ratio(medianRatio(column(bare, "cpuPerAnswer"), column(kunji, "cpuPerAnswer"))),
      }),
    ],
    goals: [{ what: "share of bare Fastify", goal: `>= ${ratio(goal)}`, measured: ratio(share), met: share >= goal }],
    runs: { bare, kunji },
  };
}

/** The form of a code exchange, but for the code. */
export function exchangeForm(app) {
  return {
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: app.redirectUri,
    grant_type: "authorization_code",
  };
}

async function takeSamples(issuer, port, app) {
  const [code] = await issuer.call("codes", 1);
  const body = new URLSearchParams({ code, ...exchangeForm(app) });
  const token = await sample(port, upstoxRoutes.token, { body });
  const headers = { authorization: `Bearer ${token.body.access_token}` };
  return { token, profile: await sample(port, upstoxRoutes.getProfile, { headers }) };
}

async function sample(port, { method, path }, init) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...init });
  const body = await response.json();
  if (response.status !== 200) throw new Error(`the broker answered ${response.status}: ${JSON.stringify(body)}`);
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !OWN_HEADERS.has(name)));
  return { headers, body };
}
