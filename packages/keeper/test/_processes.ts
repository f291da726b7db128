import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import type { Said, Task } from "./_asking-process.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A program for plain `node`, made of a test's TypeScript. */
export interface TestProgram extends AsyncDisposable {
  readonly file: string;
}

/** Bundles our own sources; packages of the registry stay where npm put them. */
export async function bundleProgram(source: string): Promise<TestProgram> {
  // Inside the checkout, so that packages are found from there.
  const dir = join(root, "node_modules", ".cache", "kunji-keeper-test", `${source}-${process.pid}`);
  await mkdir(dir, { recursive: true });
  await build({
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    input: { program: `${source}.ts` },
    platform: "node",
    resolve: { conditionNames: ["kunji-source", "node", "import", "default"] },
    external: (id) => !/^(?:[./]|@kunji\/|#platform$)/.test(id),
    output: { dir, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" },
    logLevel: "warn",
  });
  return {
    file: join(dir, "program.mjs"),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A process that asks for a token. */
export interface AskingProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** The next line of a kind, also when it came before. */
  readonly said: <What extends Said["said"]>(what: What) => Promise<Said & { readonly said: What }>;
  /** Everything it said so far. */
  readonly lines: readonly Said[];
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** @param env added to an environment without any `KUNJI_*` */
export function startAsking({ file }: TestProgram, task: Task, env: Readonly<Record<string, string>>): AskingProcess {
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:KUNJI_|NODE_|VITEST)/.test(name));
  const child = spawn(process.execPath, [file, JSON.stringify(task)], {
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: Said[] = [];
  let stderr = "";
  let look = (): void => {};
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    lines.push(JSON.parse(line) as Said);
    look();
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, stderr })),
  );
  return {
    child,
    lines,
    ended,
    async said<What extends Said["said"]>(what: What) {
      const isIt = (each: Said): each is Said & { readonly said: What } => each.said === what;
      const line = new Promise<Said & { readonly said: What }>((resolve) => {
        const before = look;
        look = () => {
          before();
          const found = lines.find(isIt);
          if (found !== undefined) resolve(found);
        };
        look();
      });
      const end = ended.then((result) => {
        const found = lines.find(isIt);
        if (found !== undefined) return found;
        throw new Error(`the process ended without "${what}": ${JSON.stringify(lines)} ${result.stderr}`);
      });
      return await Promise.race([line, end]);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
