// `npm run test:newest-node`: `npm ci` and `npm test` on another Node than the one at hand (S-131), by default on the
// newest long-term one. `npm run test:newest-node -- 24 packages/broker` takes 24, and some of the tests only.
//
// The other Node comes out of the npm registry, where each release is a package of one file per system; nothing is
// installed on the machine. The tests run in a copy, since native modules are built for one Node only.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The newest release of each line that was at least a week old; Node 26 is the long-term line since October 2026. Of 24
 * it is the last one before 24.19, against whose headers better-sqlite3 12 cannot be compiled (docs/dependencies.md).
 */
const RELEASES = { 22: "22.23.3", 24: "24.18.1", 26: "26.10.0" };
const NEWEST = 26;

const root = fileURLToPath(new URL("..", import.meta.url));
const words = process.argv.slice(2);
const line = /^\d+$/.test(words[0] ?? "") ? words.shift() : String(NEWEST);
const version = RELEASES[line];
if (version === undefined) throw new TypeError(`Node ${line} is not one of ${Object.keys(RELEASES).join(", ")}`);

const work = await mkdtemp(join(tmpdir(), `kunji-node-${line}-`));
try {
  const home = await fetchNode(join(work, "node"), version);
  const copy = join(work, "kunji");
  await copySources(copy);
  const bin = process.platform === "win32" ? join(home, "bin", "node.exe") : join(home, "bin", "node");
  const env = {
    ...process.env,
    PATH: [dirname(bin), process.env.PATH].join(delimiter),
    // Headers for modules that have no build of this release to download.
    ...(existsSync(join(home, "include", "node")) ? { npm_config_nodedir: home } : {}),
  };
  console.log(`\nNode ${version}\n`);
  const npm = npmCommand(bin);
  process.exitCode =
    (await run(npm.program, [...npm.first, "ci"], { cwd: copy, env })) ||
    (await run(bin, [join(copy, "scripts", "test.mjs"), ...words], { cwd: copy, env }));
} finally {
  await rm(work, { recursive: true, force: true });
}

/** @returns the folder with `bin/node` */
async function fetchNode(folder, wanted) {
  const system = process.platform === "win32" ? "win" : process.platform;
  // The one package that is called otherwise.
  const prefix = system === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${system}-${process.arch}`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const npm = npmCommand(process.execPath);
  const install = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", `${name}@${wanted}`];
  const code = await run(npm.program, [...npm.first, ...install], { cwd: folder, env: process.env });
  if (code !== 0) throw new Error(`${name}@${wanted} could not be installed`);
  return join(folder, "node_modules", name);
}

/** What git knows or would take, as it is now. */
async function copySources(folder) {
  const list = [];
  const words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const git = spawn("git", words, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of git.stdout) list.push(chunk);
  for (const file of Buffer.concat(list).toString("utf8").split("\0")) {
    // Deleted in the working tree.
    if (file === "" || !existsSync(join(root, file))) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(root, file), join(folder, file));
  }
}

/** The npm that runs us, on a Node of our choice; else the one on the path. */
function npmCommand(node) {
  const own = process.env.npm_execpath;
  return own?.endsWith(".js") ? { program: node, first: [own] } : { program: "npm", first: [] };
}

function run(program, words, options) {
  // npm is a script on Windows; the words are ours or those of the command line.
  const shell = program === "npm" && process.platform === "win32";
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...options, shell, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
