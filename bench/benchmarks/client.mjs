// What a call costs the calling program, over plain HTTP and over TLS; time to import; bytes to install.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildSelfSigned } from "../contenders/build-credentials.mjs";
import { median, medianRatio, microseconds, milliseconds, ratio, whole } from "../harness/figures.mjs";
import { atMost, goalColumns } from "../harness/goals.mjs";
import { LOAD_CORE, SERVER_CORE } from "../harness/processes.mjs";
import { quietRounds } from "../harness/quiet-rounds.mjs";
import { addedByImport, installedBytes } from "./client-weight.mjs";
import { withPlace } from "./servers.mjs";

const IN_FLIGHT = 32;
/** Calls per second of the run time asked for; a round of the slowest client then takes about that long. */
const CALLS_PER_SECOND = { http: 5_000, https: 500 };
const OURS = "@kunji/client";
const OFFICIAL = "upstox-js-sdk";
const CLIENTS = {
  [OURS]: "client-kunji",
  [OFFICIAL]: "client-upstox-js-sdk",
  "undici 7": "client-undici",
  "node:http": "client-node-http",
  "global fetch": "client-fetch",
};
const GOALS = { cpu: 45, share: 1 / 3, tlsShare: 0.1, importMs: 10, kilobytes: 300 };

export async function measureClient(options) {
  const cpu = await measureCpu(options);
  const imports = addedByImport([OURS, OFFICIAL, "undici", "node:http"], options);
  const installed = {
    [OURS]: installedBytes(OURS),
    [OFFICIAL]: installedBytes(OFFICIAL),
    undici: installedBytes("undici"),
  };
  const share = (protocol) => medianRatio(cpu[protocol][OURS], cpu[protocol][OFFICIAL]);
  const kilobytes = (value) => `${whole(value)} kB`;
  const goals = {
    cpu: atMost("client, CPU per call", median(cpu.http[OURS]), GOALS.cpu, microseconds),
    share: atMost("client, share of upstox-js-sdk", share("http"), GOALS.share, ratio),
    tls: atMost("client over TLS, share of upstox-js-sdk", share("https"), GOALS.tlsShare, ratio),
    import: atMost("client, what its import adds", imports[OURS], GOALS.importMs, milliseconds),
    install: atMost("client and contract, installed", installed[OURS].bytes / 1000, GOALS.kilobytes, kilobytes),
  };
  const rows = [
    ...callRows("HTTP", cpu.http, goals.share),
    ...callRows("TLS", cpu.https, goals.tls),
    {
      what: "CPU per call, HTTP",
      client: OURS,
      measured: microseconds(median(cpu.http[OURS])),
      share: "",
      ...goalColumns(goals.cpu),
    },
    ...Object.entries(imports).map(([client, ms]) => ({
      what: "import adds",
      client,
      measured: milliseconds(ms),
      share: ratio(ms / imports[OFFICIAL]),
      ...(client === OURS ? goalColumns(goals.import) : NO_GOAL),
    })),
    ...Object.entries(installed).map(([client, { bytes, folders }]) => ({
      what: "installed",
      client,
      measured: `${kilobytes(bytes / 1000)}, ${folders} folders`,
      share: (bytes / installed[OFFICIAL].bytes).toFixed(3),
      ...(client === OURS ? goalColumns(goals.install) : NO_GOAL),
    })),
  ];
  return {
    name: `client, ${IN_FLIGHT} calls in flight`,
    rows,
    goals: Object.values(goals),
    runs: { cpu, imports, installed },
  };
}

const NO_GOAL = { goal: "", met: "" };

/** CPU per call of each client, and the goal on ours as a share of the official one. */
function callRows(protocol, cpu, goal) {
  return Object.keys(CLIENTS).map((client) => ({
    what: `call over ${protocol}`,
    client,
    measured: microseconds(median(cpu[client])),
    share: ratio(medianRatio(cpu[client], cpu[OFFICIAL])),
    ...(client === OURS ? goalColumns(goal) : NO_GOAL),
  }));
}

/** @returns `{ http: { [client]: number[] }, https: ..., others }`: microseconds per call of each round */
async function measureCpu({ rounds, seconds }) {
  return await withPlace(async (place) => {
    await buildSelfSigned();
    const { makeSelfSigned } = await import("../dist/self-signed.js");
    const tls = makeSelfSigned();
    // Everybody trusts it the way Node offers to every client alike.
    const certificate = join(place.folder, "certificate.pem");
    await writeFile(certificate, tls.cert);
    const server = place.start("contenders/fixed-server", SERVER_CORE);
    const origins = await server.call("start", tls);
    const measured = {};
    const others = {};
    for (const [protocol, origin] of Object.entries(origins)) {
      const clients = Object.entries(CLIENTS).map(([name, file]) => ({
        name,
        ...place.start(`contenders/${file}`, LOAD_CORE, { NODE_EXTRA_CA_CERTS: certificate }),
      }));
      for (const client of clients) await client.call("start", { origin });
      const plan = { calls: Math.round(CALLS_PER_SECOND[protocol] * seconds), inFlight: IN_FLIGHT };
      const runs = await quietRounds(rounds, async () => {
        const result = {};
        for (const client of clients) result[client.name] = await client.call("run", plan);
        return result;
      });
      measured[protocol] = Object.fromEntries(Object.keys(CLIENTS).map((name) => [name, runs.map((run) => run[name])]));
      others[protocol] = runs.map((run) => run.others);
    }
    return { ...measured, others };
  });
}
