// npm run bench: how fast Kunji is, beside others doing the same work on the same machine at the same time.
// Method and figures: docs/performance.md.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measureClient } from "./benchmarks/client.mjs";
import { measureKeeper } from "./benchmarks/keeper.mjs";
import { measureKeeperService } from "./benchmarks/keeper-service.mjs";
import { measureProfile } from "./benchmarks/profile.mjs";
import { measureStart } from "./benchmarks/start.mjs";
import { measureToken } from "./benchmarks/token.mjs";
import { table } from "./harness/figures.mjs";
import { isPinned } from "./harness/processes.mjs";

const BENCHMARKS = {
  token: measureToken,
  profile: measureProfile,
  client: measureClient,
  start: measureStart,
  keeper: measureKeeper,
  service: measureKeeperService,
};

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(BENCHMARKS).join(",") },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const chosen = values.only.split(",");
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
for (const name of chosen) if (!Object.hasOwn(BENCHMARKS, name)) throw new TypeError(`there is no benchmark ${name}`);
if (!(Number.isInteger(options.rounds) && options.rounds > 0))
  throw new TypeError("--rounds is a whole number above 0");
if (!(options.seconds > 0)) throw new TypeError("--seconds is a number above 0");

const say = (text) => console.error(text);
const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, pinned: isPinned };
if (!isPinned) say("No taskset or no second core: servers and load share cores, so trust the ratios less.");

const results = [];
for (const name of chosen) {
  say(`${name}: ${options.rounds} rounds ...`);
  const result = await BENCHMARKS[name](options);
  results.push(result);
  if (!values.json) print(result);
}
const report = { at: new Date().toISOString(), machine, options, results };
const file = new URL(`results/${report.at.replaceAll(":", "-")}.json`, import.meta.url);
await mkdir(new URL(".", file), { recursive: true });
await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
if (values.json) console.log(JSON.stringify(report));

function print({ name, rows, goals }) {
  console.log(`\n${name}\n\n${table(rows)}\n`);
  for (const { what, goal, measured, met } of goals) {
    console.log(`${met ? "met " : "MISSED"} ${what}: ${measured} (goal ${goal})`);
  }
}
