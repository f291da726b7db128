import { parseArgs } from "node:util";
import { type FaultStore, postgresStore, sqliteStore } from "./fault-store.ts";
import { faults } from "./faults.ts";
import { withResource } from "./with-resource.ts";

/** `node test/faults/run.mjs`: the long runs. Exits with 1 when a promise was broken, with 2 when used wrongly. */
const USAGE = `node test/faults/run.mjs [--rounds N] [--database sqlite|postgres] [NAME...]

Needs npm run build. Without names every fault is tried, without --database on every database it can happen to.

${Object.entries(faults)
  .map(([name, { about, stores }]) => `  ${name.padEnd(20)} ${about} (${stores.join(", ")})`)
  .join("\n")}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "10" },
    database: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const names = positionals.length > 0 ? positionals : Object.keys(faults);
const isUsable = Number.isSafeInteger(rounds) && rounds > 0 && names.every((name) => name in faults);
if (values.help || !isUsable) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  for (const name of names) await tryOn(name);
}

async function tryOn(name: string): Promise<void> {
  const fault = faults[name];
  for (const engine of fault?.stores ?? []) {
    if (values.database !== undefined && values.database !== engine) continue;
    const say = (text: string) => console.log(`${name} on ${engine}: ${text}`);
    try {
      await withResource<FaultStore, void>(engine === "sqlite" ? sqliteStore() : postgresStore(), (store) =>
        (fault as (typeof faults)[string]).run({ rounds, store, say }),
      );
      say("ok");
    } catch (error) {
      say(`FAILED: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}
