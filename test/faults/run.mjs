// Starts command-line.ts with what lets plain Node run the TypeScript sources. See docs/testing.md.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const file = (path) => new URL(path, import.meta.url);
const hooks = file("../../packages/broker/test/store/_typescript-hooks.mjs").href;
const words = ["--conditions=kunji-source", "--import", hooks, fileURLToPath(file("command-line.ts"))];
const child = spawn(process.execPath, [...words, ...process.argv.slice(2)], { stdio: "inherit" });
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
