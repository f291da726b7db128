// Starts the servers a benchmark compares, each with what it needs: databases, an issuer beside it, samples.
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCredentials } from "../contenders/build-credentials.mjs";
import { startPostgres } from "../harness/postgres.mjs";
import { SERVER_CORE, startContender } from "../harness/processes.mjs";
import { takeSamples } from "./samples.mjs";

const LABELS = {
  bare: "bare Fastify",
  sqlite: "Kunji, SQLite",
  postgres: "Kunji, Postgres",
  oidc: "oidc-provider, memory",
  oauth2: "oauth2-server + Fastify, memory",
};
const FILES = { bare: "bare-fastify", oidc: "oidc-provider", oauth2: "oauth2-server" };

/**
 * Gives a benchmark a place for processes, databases and files, and clears it up afterwards.
 * @param use is handed `{ folder, start(file, core), broker(...), postgres(), database(kind, name) }`
 */
export async function withPlace(use) {
  await buildCredentials();
  const results = fileURLToPath(new URL("../results/", import.meta.url));
  await mkdir(results, { recursive: true });
  // Not in the temporary folder, which is memory on many machines: there a commit costs nothing.
  const folder = await mkdtemp(join(results, "database-"));
  const started = [];
  let postgres;
  const place = {
    folder,
    start(file, core, env) {
      const contender = startContender(new URL(`../${file}.mjs`, import.meta.url), core, env);
      started.push(contender);
      return contender;
    },
    postgres: () => {
      postgres ??= startPostgres(folder);
      return postgres;
    },
    /** URL and key of a new, empty store: `sqlite` or `postgres`. */
    async store(kind, name = "broker") {
      const key = randomBytes(32).toString("base64url");
      if (kind === "sqlite") return { database: `sqlite:${join(folder, `${name}.db`)}`, key };
      return { database: await (await place.postgres()).database(name), key };
    },
    /** Starts our broker. @returns what its `start` says, and the contender's calls */
    async broker(store, core, options = {}) {
      const contender = place.start("contenders/kunji-broker", core);
      return { ...contender, ...(await contender.call("start", { ...store, ...options })), store };
    },
  };
  try {
    return await use(place);
  } finally {
    await Promise.all(started.map((contender) => contender.stop()));
    await (await postgres)?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Starts these servers on the servers' core, ready to be asked.
 * @param names of LABELS; `bare` answers what the first broker among them answers
 * @returns `{ [name]: { label, port, app, paths, call, issue(kind, count) } }`
 */
export async function startServers(place, names, issuerCore) {
  const servers = {};
  for (const name of names.filter((each) => each === "sqlite" || each === "postgres")) {
    const store = await place.store(name);
    const broker = await place.broker(store, SERVER_CORE);
    const issuer = await place.broker(store, issuerCore);
    servers[name] = { ...broker, issue: (kind, count) => issuer.call(kind, count) };
  }
  const samples = await takeSamples(servers.sqlite ?? servers.postgres);
  for (const name of names.filter((each) => each in FILES)) {
    const contender = place.start(`contenders/${FILES[name]}`, SERVER_CORE);
    const answered = await contender.call("start", { samples });
    servers[name] = { ...contender, ...answered, issue: (kind, count) => contender.call(kind, count) };
  }
  for (const [name, server] of Object.entries(servers)) server.label = LABELS[name];
  return Object.fromEntries(names.map((name) => [name, servers[name]]));
}
