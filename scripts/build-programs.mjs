// Builds @kunji/keeper, @kunji/broker and kunji (the command) for plain `node`. Our own modules are bundled, since
// loading a hundred small files costs the start more than anything else does; packages from the registry stay where npm
// put them.
import { execFile } from "node:child_process";
import { chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** Everything that is not a file of the package itself. */
const isForeign = /^(?![./\0]|[A-Za-z]:\\)/;

/** The keeper as a library, and as a service. */
export async function buildKeeper() {
  await replaceDist("keeper", async (folder, next) => {
    const entries = { index: "src/index.ts", "service/index": "src/service/index.ts" };
    await Promise.all([bundle(folder, next, entries, "esm"), writeDeclarations(folder, next)]);
  });
}

/** The server: two entries, and beside the code that loads them the files of pages (src/assets.ts) and the hash worker. */
export async function buildBroker() {
  await replaceDist("broker", async (folder, next) => {
    const entries = { index: "src/index.ts", "testing/index": "src/testing/index.ts" };
    await Promise.all([bundle(folder, next, entries, "esm"), writeDeclarations(folder, next)]);
    const worker = "password-hash-worker.mjs";
    await copyFile(join(folder, "src", "crypto", worker), join(next, worker));
    await mkdir(join(next, "pages"), { recursive: true });
    for (const name of ["pages.css", "icon.svg"]) {
      await copyFile(join(folder, "src", "pages", name), join(next, "pages", name));
    }
  });
}

/** The command, and the package that `import ... from "kunji"` and `require("kunji")` find. */
export async function buildCli() {
  await replaceDist("cli", async (folder, next) => {
    await Promise.all([
      bundle(folder, next, { main: "src/main.ts", index: "src/index.ts" }, "esm"),
      bundle(folder, join(next, "cjs"), { index: "src/index.ts" }, "cjs"),
      writeDeclarations(folder, next),
    ]);
    await writeFile(join(next, "cjs", "package.json"), '{ "type": "commonjs" }\n');
    await cp(join(next, "index.d.ts"), join(next, "cjs", "index.d.ts"));
    await chmod(join(next, "main.js"), 0o755);
  });
}

async function bundle(folder, target, entries, format) {
  await build({
    cwd: folder,
    input: entries,
    platform: "node",
    external: [isForeign],
    // What the oldest Node we run on does not know yet, `using` for one, is written out.
    transform: { target: "node20.19" },
    output: {
      dir: target,
      format,
      entryFileNames: "[name].js",
      // Flat, so that `new URL("./pages/...", import.meta.url)` means the same folder from every chunk.
      chunkFileNames: "[name].js",
      exports: "named",
      comments: false,
    },
    logLevel: "warn",
  });
}

async function writeDeclarations(folder, target) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  // Types are checked by `npm run check`, once for everything.
  const words = [tsc, "-p", join(folder, "tsconfig.build.json"), "--noCheck", "--outDir", target];
  await run(process.execPath, words).catch((error) => {
    throw new Error(`declarations of ${folder}:\n${error.stdout}${error.stderr}`);
  });
  // The compiler leaves the sources' endings in declarations; what lies there is `.js`.
  for (const entry of await readdir(target, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue;
    const text = await readFile(join(target, entry), "utf8");
    await writeFile(join(target, entry), text.replace(/((?:from|import\()\s*"\.[^"]+)\.tsx?"/g, '$1.js"'));
  }
}

/** Fills a new folder and puts it in place in one step: a running program never sees half of it. */
async function replaceDist(name, fill) {
  const folder = join(root, "packages", name);
  const dist = join(folder, "dist");
  // Beside node_modules and not beside the sources: what a killed build leaves is in nobody's way.
  const work = join(root, "node_modules", ".cache", "kunji-build", name);
  const [next, old] = [join(work, "next"), join(work, "old")];
  await rm(work, { recursive: true, force: true });
  await mkdir(next, { recursive: true });
  await fill(folder, next);
  await rename(dist, old).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(next, dist);
  await rm(work, { recursive: true, force: true });
}
