// Builds @kunji/contract and @kunji/client for publishing and for plain `node`. Run it as often as you like:
// `node scripts/build-libraries.mjs`. The result lands in packages/<name>/dist in one step at the end, so that a
// program that is running from the old one never sees half of the new one.
//
// The code is there once, as CommonJS; the ES modules beside it only pass its names on. A program that gets the client
// by `import` in one place and by `require` in another thus has one `ApiClient.instance` and one `ApiException`, and
// whoever installs it downloads half. Nothing is minified: traces and debuggers show the code as it was written.
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** In the order of their dependencies: the client's declarations are checked against the contract's. */
const libraries = [
  { name: "contract", entries: ["index", "tradejini/index", "upstox/index"], finish: withPlainConstants },
  {
    name: "client",
    entries: ["index", "tradejini/index", "upstox/index"],
    // What differs between platforms stays an import, resolved where the code runs.
    platforms: ["platform/node", "platform/portable"],
    imports: { "#platform": { node: "./platform/node.js", default: "./platform/portable.js" } },
  },
];

for (const library of libraries) await buildLibrary(library);

async function buildLibrary({ name, entries, platforms = [], imports, finish = (text) => text }) {
  const folder = join(root, "packages", name);
  const next = join(folder, `dist.${process.pid}`);
  const cjs = join(next, "cjs");
  const esm = join(next, "esm");
  await rm(next, { recursive: true, force: true });
  const [exported] = await Promise.all([
    writeBundles(folder, cjs, [...entries, ...platforms]),
    writeDeclarations(folder, cjs),
  ]);
  await finishDeclarations(cjs, finish);
  // Inside a package of type "module" this is what makes the .js files and their declarations CommonJS. It is then
  // also the package.json that answers for their imports.
  await writeFile(join(cjs, "package.json"), `${JSON.stringify({ type: "commonjs", imports })}\n`);
  for (const entry of entries) await writeModule(esm, cjs, entry, exported.get(entry));
  await replaceFolder(join(folder, "dist"), next);
}

/** @returns the exported names of each entry */
async function writeBundles(folder, dir, entries) {
  const { output } = await build({
    cwd: folder,
    input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
    platform: "neutral",
    external: [/^node:/, /^@kunji\//, /^#/],
    output: {
      dir,
      format: "cjs",
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      exports: "named",
      // The declarations beside the bundles carry the documentation.
      comments: false,
    },
    logLevel: "warn",
  });
  return new Map(output.filter((chunk) => chunk.isEntry).map((chunk) => [chunk.name, chunk.exports]));
}

async function writeDeclarations(folder, dir) {
  const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..", "bin", "tsc");
  const arguments_ = [tsc, "-p", join(folder, "tsconfig.build.json"), "--outDir", dir];
  await run(process.execPath, arguments_).catch((error) => {
    throw new Error(`declarations of ${folder}:\n${error.stdout}${error.stderr}`);
  });
}

/** The compiler leaves the sources' `.ts` in declarations; what lies there is `.js`. */
async function finishDeclarations(dir, finish) {
  for (const entry of await readdir(dir, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue;
    const text = await readFile(join(dir, entry), "utf8");
    const withFileNames = text.replace(/((?:from|import\()\s*"\.[^"]+)\.ts"/g, '$1.js"');
    await writeFile(join(dir, entry), finish(withFileNames, entry));
  }
}

/** The ES module that passes the names of a CommonJS one on, and its declaration. */
async function writeModule(esm, cjs, entry, names) {
  const file = join(esm, `${entry}.js`);
  const from = JSON.stringify(relative(dirname(file), join(cjs, `${entry}.js`)).replaceAll(sep, "/"));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `import all from ${from};\nexport const { ${[...names].sort().join(", ")} } = all;\n`);
  await writeFile(join(esm, `${entry}.d.ts`), `export * from ${from};\n`);
}

/**
 * Routes, schemas and error catalogues are data, and the compiler writes their literal types out in full: nine tenths
 * of the declarations, for types that say less to a reader than the data does. Published, they are what they satisfy.
 */
function withPlainConstants(text, file) {
  const route = `import("${"../".repeat(file.split(sep).length - 1) || "./"}route.js")`;
  return text.replace(/^export declare const (\w+): (\{\n[\s\S]*?^\});$/gm, (whole, name, literal) => {
    const keys = [...literal.matchAll(/^ {4}readonly (\w+):/gm)].map(([, key]) => `"${key}"`).join(" | ");
    const plain = {
      Schema: `${route}.Schema`,
      Webhook: `${route}.Webhook`,
      Routes: `Readonly<Record<${keys}, ${route}.Route>>`,
      Errors: `Readonly<Record<${keys}, { readonly status: number; readonly message: string }>>`,
    }[/[A-Z][a-z]+$/.exec(name)?.[0]];
    return plain === undefined ? whole : `export declare const ${name}: ${plain};`;
  });
}

async function replaceFolder(folder, next) {
  const old = `${next}.old`;
  await rename(folder, old).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(next, folder);
  await rm(old, { recursive: true, force: true });
}
