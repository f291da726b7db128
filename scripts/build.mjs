// `npm run build`: builds every package into packages/<name>/dist, and only what changed since the last time.
// `--quiet` says nothing when all goes well; `--when-possible` does nothing where the tools to build with were not
// installed (`npm ci --omit=dev`).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./build-lock.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const say = process.argv.includes("--quiet") ? () => {} : (text) => console.log(text);

/** In the order of their dependencies. `from`: folders and files that the result depends on. */
const steps = [
  {
    name: "contract, client",
    into: ["contract", "client"],
    from: ["packages/contract", "packages/client"],
    // A process of its own: the script is also run alone.
    build: () => runScript("build-libraries.mjs"),
  },
  {
    name: "keeper",
    into: ["keeper"],
    from: ["packages/contract/src", "packages/client/src", "packages/keeper"],
    build: async () => (await import("./build-programs.mjs")).buildKeeper(),
  },
  {
    name: "broker",
    into: ["broker"],
    from: ["packages/contract/src", "packages/broker"],
    build: async () => (await import("./build-programs.mjs")).buildBroker(),
  },
  {
    name: "cli",
    into: ["cli"],
    from: ["contract", "client", "keeper", "broker"].map((name) => `packages/${name}/src`).concat("packages/cli"),
    build: async () => (await import("./build-programs.mjs")).buildCli(),
  },
];

if (process.argv.includes("--when-possible") && !existsSync(join(root, "node_modules", "rolldown"))) process.exit(0);

const cache = join(root, "node_modules", ".cache", "kunji-build");
await mkdir(cache, { recursive: true });
await withLock(join(cache, "lock"), async () => {
  for (const step of steps) await buildWhenChanged(step);
}).catch((error) => {
  console.error(`The build failed: ${error.message}`);
  process.exitCode = 1;
});

async function buildWhenChanged(step) {
  const started = performance.now();
  const stamp = await stampOf(step.from);
  // Not inside dist: that is published, and other scripts replace it.
  const stampFile = join(cache, `${step.into.join("-")}.built-from`);
  const isBuilt = step.into.every((name) => existsSync(join(root, "packages", name, "dist")));
  if (isBuilt && (await readFile(stampFile, "utf8").catch(() => "")) === stamp) {
    say(`${step.name}: up to date`);
    return;
  }
  await step.build();
  await writeFile(stampFile, stamp);
  say(`${step.name}: built in ${Math.round(performance.now() - started)} ms`);
}

/** A digest of everything a build reads: sources, package.json and tsconfig files, these scripts, the lockfile. */
async function stampOf(folders) {
  const files = ["package-lock.json", "tsconfig.base.json"];
  for (const folder of ["scripts", ...folders]) files.push(...(await inputsIn(folder)));
  const hash = createHash("sha256").update(process.versions.modules);
  for (const file of files.sort()) hash.update(`\0${file}\0`).update(await readFile(join(root, file)));
  return hash.digest("hex");
}

async function inputsIn(folder) {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const lists = await Promise.all(
    entries.map((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return /^(dist.*|test|node_modules)$/.test(entry.name) ? [] : inputsIn(path);
      return [path];
    }),
  );
  return lists.flat();
}

async function runScript(name) {
  const child = spawn(process.execPath, [join(root, "scripts", name)], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(errors.trim());
}
