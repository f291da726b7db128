// `npm test`: build, types, lint, supply chain and every test, one after the other, also when one of them fails. The last line is
// `N passed, N failed`: the tests, and one for each of the other steps. `npm test -- <path>` runs some of the tests.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const binary = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

const total = { passed: 0, failed: 0 };
const report = await mkdtemp(join(tmpdir(), "kunji-test-"));
try {
  await step("Build", [join(root, "scripts", "build.mjs")]);
  await step("Types", [binary("typescript", "bin/tsc"), "-p", "."]);
  await step("Format and lint", [binary("@biomejs/biome", "bin/biome"), "check"]);
  await step("Supply chain", [join(root, "scripts", "audit.mjs")]);
  await tests("Tests", join(report, "vitest.json"));
} finally {
  await rm(report, { recursive: true, force: true });
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${total.passed} passed, ${total.failed} failed`);

async function step(name, words) {
  heading(name);
  const ok = (await node(words)) === 0;
  console.log(ok ? `${name}: ok` : `${name}: failed`);
  add(ok ? 1 : 0, ok ? 0 : 1);
}

async function tests(name, file) {
  heading(name);
  const vitest = binary("vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const code = await node([vitest, "run", ...reporters, ...process.argv.slice(2)]);
  const { passed, failed } = count(await readFile(file, "utf8").catch(() => ""));
  // An error outside every test, or a run that never came to its report, is a failure too.
  add(passed, failed === 0 && code !== 0 ? 1 : failed);
}

function count(json) {
  if (json === "") return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(json);
  // A file that could not be loaded has no tests to count.
  const brokenFiles = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length };
}

function add(passed, failed) {
  total.passed += passed;
  total.failed += failed;
}

function heading(name) {
  console.log(`\n=== ${name} ===\n`);
}

/** Runs a program with our own Node; its output goes where ours goes. */
function node(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
