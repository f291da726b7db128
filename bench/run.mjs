// npm run bench: how fast Kunji is, beside others doing the same work on the same machine at the same time.
// Method and figures: docs/performance.md.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { benchmarks, usual } from "./benchmarks.mjs";
import { table } from "./harness/figures.mjs";
import { isPinned } from "./harness/processes.mjs";
import { readOptions } from "./options.mjs";

const options = readOptions(process.argv.slice(2), { known: Object.keys(benchmarks), usual });
const say = (text) => console.error(text);
const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, pinned: isPinned };
if (!isPinned) say("No taskset or no second core: servers and load share cores, so trust the ratios less.");

const at = new Date().toISOString();
const folder = new URL("results/", import.meta.url);
await mkdir(folder, { recursive: true });
const save = async (name, text) => await writeFile(new URL(name, folder), text);
const stem = `${at.replaceAll(":", "-")}-${options.names.length === 1 ? options.names[0] : "all"}`;

const results = [];
for (const name of options.names) {
  say(`${name} ...`);
  const before = loadavg()[0];
  const { chart, ...result } = await benchmarks[name](options);
  // How busy the machine was with other things: what it had to do before this began.
  results.push({ ...result, loadBefore: before });
  if (chart) {
    await save(`${stem}.svg`, chart);
    say(`chart: ${fileURLToPath(new URL(`${stem}.svg`, folder))}`);
  }
  if (!options.json) print(result);
}
const report = { at, machine, options, results };
await save(`${stem}.json`, `${JSON.stringify(report, null, 2)}\n`);
if (options.json) console.log(JSON.stringify(report));
else if (results.length > 1) printGoals();

function print({ name, rows, goals }) {
  console.log(`\n${name}\n\n${table(rows)}\n`);
  for (const { what, goal, measured, met } of goals) {
    console.log(`${met ? "met   " : "MISSED"} ${what}: ${measured} (goal ${goal})`);
  }
}

function printGoals() {
  const rows = results.flatMap(({ goals }) => goals);
  const line = ({ what, measured, goal, met }) => ({ what, measured, goal, met: met ? "yes" : "NO" });
  console.log(`\nall goals\n\n${table(rows.map(line))}\n`);
}
