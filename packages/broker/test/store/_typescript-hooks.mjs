// Lets plain Node run the TypeScript sources, for tests that need a process of their own to kill. Use it as
// `node --conditions=kunji-source --import _typescript-hooks.mjs child.ts`; Node 20 strips no types itself.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "rolldown/utils";

// Hooks run in a thread of their own, which loads this file again.
if (isMainThread) register(import.meta.url);

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  if (!/\.tsx?$/.test(url)) return await nextLoad(url, context);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, await readFile(path, "utf8"), {
    jsx: { runtime: "automatic", importSource: "preact" },
  });
  if (errors.length > 0) throw errors[0];
  return { format: "module", source: code, shortCircuit: true };
}
