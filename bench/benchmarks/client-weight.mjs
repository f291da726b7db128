// What a library weighs: the time its import takes, and what npm puts on the disk for it.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../harness/figures.mjs";
import { LOAD_CORE, nodeOn } from "../harness/processes.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const NOTHING = "nothing";
/** Starts are short and vary, so there are more of them. */
const ROUND_FACTOR = 3;

/** Milliseconds that the import of each adds to a process that imports nothing: whole processes, in turn. */
export function addedByImport(names, { rounds }) {
  const programs = { [NOTHING]: "", ...Object.fromEntries(names.map((name) => [name, `await import("${name}")`])) };
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round <= rounds * ROUND_FACTOR; round++) {
    for (const [name, program] of Object.entries(programs)) {
      const [command, arguments_] = nodeOn(LOAD_CORE, ["--input-type=module", "--eval", program]);
      const start = performance.now();
      const { status, stderr } = spawnSync(command, arguments_, { cwd: root, encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      if (round > 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, median(times[name].map((time, round) => time - times[NOTHING][round]))]),
  );
}

/** Bytes and folders of a package and everything it depends on, as they lie in node_modules; of our own, what is packed. */
export function installedBytes(name) {
  const folders = new Set();
  collect(name, root, folders);
  const bytes = [...folders].reduce((sum, folder) => sum + bytesOf(folder), 0);
  return { bytes, folders: folders.size };
}

function collect(name, from, folders) {
  const folder = resolve(name, from);
  if (folder === undefined || folders.has(folder)) return;
  folders.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const dependency of Object.keys(dependencies)) collect(dependency, folder, folders);
}

function resolve(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return realpathSync(found);
    if (folder === dirname(folder)) return undefined;
  }
}

function bytesOf(folder) {
  if (!folder.includes("node_modules")) return packedBytes(folder);
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const isNested = path.slice(folder.length).includes("node_modules");
    if (entry.isFile() && !isNested) bytes += statSync(path).size;
  }
  return bytes;
}

/** A workspace of ours: what npm would unpack. */
function packedBytes(folder) {
  const { status, stdout, stderr } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout)[0].unpackedSize;
}
