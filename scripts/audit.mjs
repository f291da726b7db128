// `npm run audit`: what is installed, where it comes from, and what must not get out (S-128, S-130). A part of `npm test`.
//
//   --strict     what could not be asked is a failure too: for a machine that is known to reach a whole registry
//   --offline    asks no registry
//   --only NAME  one check alone, by its name below
//   --root DIR   another project than this one
//
// The registry is asked for known weaknesses and signatures. Mirrors often have neither; then the line says so and is
// neither a pass nor a failure. Writes the SBOM (CycloneDX) and the licence of every package into the build cache.
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { isFreeLicence } from "./audit/licences.mjs";
import { npm } from "./audit/npm.mjs";
import { readKnownWeaknesses, readSignatures } from "./audit/registry-answers.mjs";
import { holdsSecret } from "./audit/secrets.mjs";

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    strict: { type: "boolean" },
    offline: { type: "boolean" },
    only: { type: "string" },
    root: { type: "string" },
  },
});
const root = resolve(values.root ?? fileURLToPath(new URL("..", import.meta.url)));
const cache = join(root, "node_modules", ".cache", "kunji-build");

/** Self-signed pairs for localhost that nothing trusts, made for tests. */
const TEST_KEYS = new Set(["packages/broker/test/webhooks/_tls-pair.ts"]);

const checks = [
  { name: "installed as locked", check: installedAsLocked },
  { name: "SBOM", check: writeBillOfMaterials },
  { name: "licences", check: licences },
  { name: "keys and tokens", check: secrets },
  ...(values.offline
    ? []
    : [
        { name: "known weaknesses", check: knownWeaknesses },
        { name: "signatures", check: signatures },
      ]),
];

await mkdir(cache, { recursive: true });
const WORDS = { ok: "ok       ", failed: "FAILED   ", unasked: "not asked" };
let isBad = false;
for (const { name, check } of checks) {
  if (values.only !== undefined && values.only !== name) continue;
  const { state, text } = await check().catch((error) => ({ state: "failed", text: error.message }));
  console.log(`${WORDS[state]}  ${name}: ${text}`);
  isBad ||= state === "failed" || (values.strict && state === "unasked");
}
process.exitCode = isBad ? 1 : 0;

/** No package more, less or other than the lockfile has. */
async function installedAsLocked() {
  const { code, stdout, stderr } = await npm(["ls", "--all", "--json"], root);
  if (code === 0) return { state: "ok", text: `${(await lockedPackages()).length} packages` };
  const { problems = [stderr.trim()] } = stdout === "" ? {} : JSON.parse(stdout);
  return { state: "failed", text: problems.join("; ") };
}

async function writeBillOfMaterials() {
  const { code, stdout, stderr } = await npm(["sbom", "--sbom-format", "cyclonedx"], root);
  if (code !== 0) return { state: "failed", text: stderr.trim() };
  const file = join(cache, "sbom.cdx.json");
  await writeFile(file, stdout);
  return { state: "ok", text: `${JSON.parse(stdout).components.length} components in ${relative(root, file)}` };
}

async function licences() {
  const packages = await lockedPackages();
  const list = packages.map(({ name, version, license = "none" }) => ({ name, version, license }));
  await writeFile(join(cache, "licences.json"), `${JSON.stringify(list, null, 2)}\n`);
  const others = packages.filter(({ license = "", dev = false }) => !isFreeLicence(license, dev));
  if (others.length > 0) {
    const named = others.map(({ name, license = "no licence" }) => `${name} (${license})`);
    return { state: "failed", text: `not decided on: ${named.join(", ")}` };
  }
  const counts = Map.groupBy?.(list, ({ license }) => license) ?? groupBy(list, ({ license }) => license);
  const most = [...counts].sort(([, a], [, b]) => b.length - a.length);
  return { state: "ok", text: most.map(([license, { length }]) => `${license} ${length}`).join(", ") };
}

async function secrets() {
  const files = (await ownFiles()).filter((file) => !TEST_KEYS.has(file));
  const found = [];
  for (const file of files) {
    // Deleted in the working tree, or a folder of another repository.
    const text = await readFile(join(root, file), "latin1").catch(() => "");
    if (holdsSecret(text)) found.push(file);
  }
  if (found.length > 0) return { state: "failed", text: `something that looks like one in ${found.join(", ")}` };
  return { state: "ok", text: `none in ${files.length} files` };
}

/** What git knows, since nothing else leaves with the repository; without git, all that was not installed or built. */
async function ownFiles() {
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
  const tracked = await run("git", ["ls-files", "-z"], options).catch(() => undefined);
  if (tracked) return tracked.stdout.split("\0").filter((file) => file !== "");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return files.filter((file) => !/(?:^|[\\/])(?:\.git|node_modules|dist)[\\/]/.test(file));
}

async function knownWeaknesses() {
  return readKnownWeaknesses(await npm(["audit", "--package-lock-only", "--audit-level=high", "--json"], root));
}

async function signatures() {
  return readSignatures(await npm(["audit", "signatures", "--json"], root));
}

/** Foreign packages of the lockfile. */
async function lockedPackages() {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  return Object.entries(packages)
    .filter(([path, { link }]) => path.includes("node_modules/") && !link)
    .map(([path, locked]) => ({ ...locked, name: path.split("node_modules/").at(-1) }));
}

/** `Map.groupBy` for Node 20. */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
