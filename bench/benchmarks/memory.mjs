// Memory of a server process: when it has just started, and under load.
import { median, whole } from "../harness/figures.mjs";
import { LOAD_CORE } from "../harness/processes.mjs";
import { withTokens } from "./profile.mjs";
import { exchangeRequests, profileRequests } from "./requests.mjs";
import { CONNECTIONS } from "./server-rounds.mjs";
import { startServers, withPlace } from "./servers.mjs";

const NAMES = ["bare", "sqlite", "postgres", "oidc", "oauth2"];
const CODES = 20_000;
const LOAD_SECONDS = 5;
const SAMPLE_MS = 100;

/** design.md section 9 sets no goal; the soak has one for growth. */
export async function measureMemory() {
  return await withPlace(async (place) => {
    const servers = await startServers(place, NAMES, LOAD_CORE);
    const load = place.start("harness/load", LOAD_CORE);
    const runs = {};
    for (const [name, server] of Object.entries(servers)) runs[name] = await watch(server, load);
    const megabytes = (bytes) => `${whole(bytes / 1e6)} MB`;
    const rows = NAMES.map((name) => ({
      server: servers[name].label,
      idle: megabytes(runs[name].idle),
      "under load, median": megabytes(median(runs[name].loaded)),
      "under load, most": megabytes(Math.max(...runs[name].loaded)),
      descriptors: runs[name].descriptors,
    }));
    return { name: `memory (RSS), ${CONNECTIONS} connections, exchanges and profiles`, rows, goals: [], runs };
  });
}

async function watch(server, load) {
  // What is in memory must not count as the server's own: codes are made after the first look.
  const { rss: idle } = await server.call("resources");
  const codes = await server.issue("codes", CODES);
  const plan = { ports: [server.port], connections: CONNECTIONS, seconds: LOAD_SECONDS };
  const loaded = [];
  let descriptors = 0;
  let isOver = false;
  const sample = async () => {
    while (!isOver) {
      const seen = await server.call("resources");
      loaded.push(seen.rss);
      descriptors = Math.max(descriptors, seen.descriptors);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  };
  const sampling = sample();
  await load.call("run", { ...plan, ...exchangeRequests(server, codes), once: server.label !== "bare Fastify" });
  await load.call("run", { ...plan, ...(await withTokens(profileRequests)(server)) });
  isOver = true;
  await sampling;
  return { idle, loaded, descriptors };
}
