// What a call costs the calling program: CPU per call, time to import, bytes to install.
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, medianRatio, microseconds, milliseconds, ratio, whole } from "../harness/figures.mjs";
import { LOAD_CORE, nodeOn, SERVER_CORE, startContender } from "../harness/processes.mjs";

const IN_FLIGHT = 32;
/** Calls per second of the run time asked for; a round of the slowest client then takes about that long. */
const CALLS_PER_SECOND = 5_000;
const CLIENTS = {
  "@kunji/client": "client-kunji",
  "upstox-js-sdk": "client-upstox-js-sdk",
  "node:http": "client-node-http",
};
const IMPORTS = ["@kunji/client", "upstox-js-sdk"];
const PACKAGES = ["client", "contract"];
const GOALS = { cpu: 45, share: 1 / 3, importMs: 10, kilobytes: 300 };
const root = fileURLToPath(new URL("../..", import.meta.url));

export async function measureClient(options) {
  const cpu = await measureCpu(options);
  const imports = measureImports(options);
  const kilobytes = installedKilobytes();
  const own = median(cpu["@kunji/client"]);
  const share = medianRatio(cpu["@kunji/client"], cpu["upstox-js-sdk"]);
  const importMs = addedBy(imports, "@kunji/client");
  return {
    name: `client, ${IN_FLIGHT} calls in flight over plain http`,
    rows: Object.keys(CLIENTS).map((name) => ({
      client: name,
      "CPU per call": microseconds(median(cpu[name])),
      "share of upstox-js-sdk": ratio(medianRatio(cpu[name], cpu["upstox-js-sdk"])),
      "import adds": imports[name] ? milliseconds(addedBy(imports, name)) : "",
    })),
    goals: [
      goal("CPU per call", own, `<= ${GOALS.cpu} us`, microseconds(own), own <= GOALS.cpu),
      goal("share of upstox-js-sdk", share, "<= 1/3", ratio(share), share <= GOALS.share),
      goal("import adds", importMs, `<= ${GOALS.importMs} ms`, milliseconds(importMs), importMs <= GOALS.importMs),
      goal("installed", kilobytes, `<= ${GOALS.kilobytes} kB`, `${whole(kilobytes)} kB`, kilobytes <= GOALS.kilobytes),
    ],
    runs: { cpu, imports, kilobytes },
  };
}

const goal = (what, value, limit, measured, met) => ({ what, value, goal: limit, measured, met });

async function measureCpu({ rounds, seconds }) {
  const server = startContender(new URL("../contenders/fixed-server.mjs", import.meta.url), SERVER_CORE);
  const clients = Object.entries(CLIENTS).map(([name, file]) => ({
    name,
    ...startContender(new URL(`../contenders/${file}.mjs`, import.meta.url), LOAD_CORE),
  }));
  try {
    const { port } = await server.call("start");
    for (const client of clients) await client.call("start", { port });
    const plan = { calls: Math.round(CALLS_PER_SECOND * seconds), inFlight: IN_FLIGHT };
    const cpu = Object.fromEntries(clients.map(({ name }) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const client of clients) {
        const perCall = await client.call("run", plan);
        if (round > 0) cpu[client.name].push(perCall);
      }
    }
    return cpu;
  } finally {
    await Promise.all([server, ...clients].map((process) => process.stop()));
  }
}

/** Milliseconds of whole processes, in turn: one that imports nothing, and one per library. */
function measureImports({ rounds }) {
  const programs = { nothing: "", ...Object.fromEntries(IMPORTS.map((name) => [name, `await import("${name}")`])) };
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round <= rounds * 3; round++) {
    for (const [name, program] of Object.entries(programs)) {
      const [command, arguments_] = nodeOn(LOAD_CORE, ["--input-type=module", "--eval", program]);
      const start = performance.now();
      const { status, stderr } = spawnSync(command, arguments_, { cwd: root, encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      if (round > 0) times[name].push(performance.now() - start);
    }
  }
  return times;
}

function addedBy(times, name) {
  return median(times[name].map((time, round) => time - times.nothing[round]));
}

/** What npm would unpack: the client and the contract, its one dependency. */
function installedKilobytes() {
  const bytes = PACKAGES.map((name) => {
    const listed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", `./packages/${name}`], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return JSON.parse(listed)[0].unpackedSize;
  });
  return bytes.reduce((sum, size) => sum + size, 0) / 1000;
}
