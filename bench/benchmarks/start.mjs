// How long until a broker answers, each time in a fresh process.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { median, milliseconds } from "../harness/figures.mjs";
import { LOAD_CORE, nodeOn } from "../harness/processes.mjs";

const GOALS = { startBroker: 200, serve: 400 };
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const command = file("../../packages/cli/dist/main.js");

export async function measureStart({ rounds }) {
  const kit = [];
  const serve = [];
  for (let round = 0; round <= rounds; round++) {
    const times = startBrokerOnce();
    const ready = existsSync(command) ? await serveOnce() : undefined;
    if (round === 0) continue;
    kit.push(times);
    if (ready !== undefined) serve.push(ready);
  }
  const column = (key) => median(kit.map((times) => times[key]));
  const startBroker = column("import") + column("start");
  const rows = [
    { what: "startBroker(), import included", "until ready": milliseconds(startBroker) },
    { what: "  importing @kunji/broker/testing", "until ready": milliseconds(column("import")) },
    { what: "  the call itself", "until ready": milliseconds(column("start")) },
    { what: "  the whole process, Node's own start included", "until ready": milliseconds(column("process")) },
  ];
  const goals = [goal("startBroker()", startBroker, GOALS.startBroker)];
  if (serve.length > 0) {
    rows.push({ what: "kunji serve --demo, the whole process", "until ready": milliseconds(median(serve)) });
    goals.push(goal("kunji serve", median(serve), GOALS.serve));
  }
  return { name: "start", rows, goals, runs: { kit, serve } };
}

const goal = (what, value, limit) => ({
  what,
  goal: `< ${limit} ms`,
  measured: milliseconds(value),
  met: value < limit,
});

function startBrokerOnce() {
  const [program, arguments_] = nodeOn(LOAD_CORE, [file("../contenders/start-broker.mjs")]);
  const { status, stdout, stderr } = spawnSync(program, arguments_, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Milliseconds from the start of the process to the line that says that it answers. */
async function serveOnce() {
  const start = performance.now();
  const database = ["--database", "sqlite::memory:"];
  const [program, arguments_] = nodeOn(LOAD_CORE, [command, "serve", "--port", "0", "--demo", "--json", ...database]);
  const child = spawn(program, arguments_, { stdio: ["ignore", "pipe", "ignore"] });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      JSON.parse(line);
      return performance.now() - start;
    }
    throw new Error("kunji serve ended before it was ready");
  } finally {
    child.kill("SIGTERM");
  }
}
