// Builds @kunji/contract and @kunji/client for publishing and for plain `node`. Run it as often as you like:
// `node scripts/build-libraries.mjs`. The result lands in packages/<name>/dist in one step at the end, so that a
// program that is running from the old one never sees half of the new one.
//
// The code is there once, as ES modules; the CommonJS files beside them only pass them on, which every Node we run on
// can do (20.19 and later load ES modules by `require`). A program that gets the client by `import` in one place and by
// `require` in another thus has one `ApiClient.instance` and one `ApiException`, whoever installs it downloads half, and
// an import reads no CommonJS to find out its names. Nothing is minified: traces and debuggers show the code as written.
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
    // All else is one file, and the wire it needs is in it: each file more takes Node a millisecond to find and to read.
    oneFile: { name: "client", except: /[\\/]src[\\/](?:platform|transport)[\\/]/ },
    imports: { "#platform": { node: "./platform/node.js", default: "./platform/portable.js" } },
  },
];

for (const library of libraries) await buildLibrary(library);

async function buildLibrary({ name, entries, platforms = [], oneFile, imports, finish = (text) => text }) {
  const folder = join(root, "packages", name);
  const next = join(folder, `dist.${process.pid}`);
  const cjs = join(next, "cjs");
  const esm = join(next, "esm");
  await rm(next, { recursive: true, force: true });
  await Promise.all([writeBundles(folder, esm, [...entries, ...platforms], oneFile), writeDeclarations(folder, cjs)]);
  await finishDeclarations(cjs, finish);
  // The package.json nearest to the bundles answers for their imports.
  if (imports) await writeFile(join(esm, "package.json"), `${JSON.stringify({ type: "module", imports })}\n`);
  // Inside a package of type "module" this is what makes the .js files and the declarations beside them CommonJS.
  await writeFile(join(cjs, "package.json"), '{ "type": "commonjs" }\n');
  for (const entry of entries) await writeEntry(esm, cjs, entry);
  await replaceFolder(join(folder, "dist"), next);
}

async function writeBundles(folder, dir, entries, oneFile) {
  await build({
    cwd: folder,
    input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
    platform: "neutral",
    resolve: { conditionNames: ["kunji-source", "import"] },
    external: [/^node:/, /^#/],
    output: {
      dir,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      ...(oneFile && { codeSplitting: { groups: [{ name: oneFile.name, test: (id) => !oneFile.except.test(id) }] } }),
      exports: "named",
      // The declarations beside the bundles carry the documentation.
      comments: false,
    },
    logLevel: "warn",
  });
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

/**
 * The CommonJS file that passes an ES module on, and the ES module's declaration, which passes the CommonJS one on: the
 * compilers of older programs refuse to see an ES module in a `require`.
 */
async function writeEntry(esm, cjs, entry) {
  const at = (from, to) =>
    JSON.stringify(relative(dirname(join(from, entry)), join(to, `${entry}.js`)).replaceAll(sep, "/"));
  await mkdir(dirname(join(cjs, entry)), { recursive: true });
  await writeFile(join(cjs, `${entry}.js`), `module.exports = require(${at(cjs, esm)});\n`);
  await writeFile(join(esm, `${entry}.d.ts`), `export * from ${at(esm, cjs)};\n`);
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
