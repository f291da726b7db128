// Builds @kunji/contract and @kunji/client for publishing and for plain `node`: one file per entry as ES module and
// as CommonJS, with declarations for both. Run it as often as you like: `node scripts/build-libraries.mjs`.
//
// The result lands in packages/<name>/dist in one step at the end, so that a program that is running from the old
// one never sees half of the new one.
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** In the order of their dependencies: the client's declarations are checked against the contract's. */
const libraries = [
  {
    name: "contract",
    entries: ["index", "tradejini/index", "upstox/index"],
    platforms: [{ folder: "", conditions: [], minify: false }],
  },
  {
    name: "client",
    entries: ["index", "tradejini/index", "upstox/index"],
    platforms: [
      { folder: "", conditions: [], minify: false },
      // Under `browser`, the package's `#platform` import is the one that needs no Node.
      { folder: "portable", conditions: ["browser"], minify: true },
    ],
  },
];

for (const library of libraries) await buildLibrary(library);

async function buildLibrary({ name, entries, platforms }) {
  const folder = join(root, "packages", name);
  const next = join(folder, `dist.${process.pid}`);
  await rm(next, { recursive: true, force: true });
  await Promise.all([writeBundles(folder, next, entries, platforms), writeDeclarations(folder, next)]);
  await finishDeclarations(join(next, "esm"), join(next, "cjs"));
  // Inside a package of type "module" this is what makes the .js files and their declarations CommonJS.
  await writeFile(join(next, "cjs", "package.json"), '{ "type": "commonjs" }\n');
  await replaceFolder(join(folder, "dist"), next);
}

async function writeBundles(folder, next, entries, platforms) {
  for (const platform of platforms) {
    for (const format of ["esm", "cjs"]) {
      await build({
        cwd: folder,
        input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
        platform: "neutral",
        external: [/^node:/, /^@kunji\//],
        resolve: { conditionNames: [...platform.conditions, "import", "default"] },
        output: {
          dir: join(next, format, platform.folder),
          format,
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          exports: "named",
          // The declarations beside the bundles carry the documentation; the code itself stays readable.
          comments: false,
          // Where bytes travel to a browser or an edge they are kept few; class names stay, errors and models show them.
          minify: platform.minify && { compress: true, mangle: false, codegen: true },
        },
        logLevel: "warn",
      });
    }
  }
}

async function writeDeclarations(folder, next) {
  const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..", "bin", "tsc");
  const arguments_ = [tsc, "-p", join(folder, "tsconfig.build.json"), "--outDir", join(next, "esm")];
  await run(process.execPath, arguments_).catch((error) => {
    throw new Error(`declarations of ${folder}:\n${error.stdout}${error.stderr}`);
  });
}

/** The compiler leaves the sources' `.ts` in declarations; what lies there is `.js`. CommonJS gets its own copy. */
async function finishDeclarations(esm, cjs) {
  for (const entry of await readdir(esm, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue;
    const text = await readFile(join(esm, entry), "utf8");
    const finished = text.replace(/((?:from|import\()\s*"\.[^"]+)\.ts"/g, '$1.js"');
    await mkdir(join(cjs, entry, ".."), { recursive: true });
    await Promise.all([writeFile(join(esm, entry), finished), writeFile(join(cjs, entry), finished)]);
  }
}

async function replaceFolder(folder, next) {
  const old = `${next}.old`;
  await rename(folder, old).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(next, folder);
  await rm(old, { recursive: true, force: true });
}
