import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

export interface VaultProcess {
  readonly pid: number;
  /** Every line it said so far. */
  readonly lines: readonly string[];
  /** Lets it begin. */
  readonly begin: () => void;
  /** Resolves when it has said this line, or has said it before. */
  readonly said: (line: string) => Promise<void>;
  /** Resolves when it has said so many lines. */
  readonly spoke: (lines: number) => Promise<void>;
  /** SIGKILL: no handler runs. Resolves when it is gone and everything it said was read. */
  readonly kill: () => Promise<void>;
  readonly stop: (signal: "SIGSTOP" | "SIGCONT") => void;
  /** Exit code when it ends by itself. */
  readonly ended: Promise<number | null>;
}

export interface VaultProcesses extends AsyncDisposable {
  /** Starts `_vault-child.ts`; resolves when its vault is open. */
  readonly start: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<VaultProcess>;
}

/** Bundles the child once: plain JavaScript starts in 50 ms, which hundreds of them add up to. */
export async function vaultProcesses(): Promise<VaultProcesses> {
  const folder = mkdtempSync(join(tmpdir(), "kunji-vault-child-"));
  const bundle = await rolldown({
    input: fileURLToPath(new URL("_vault-child.ts", import.meta.url)),
    platform: "node",
    external: ["@napi-rs/keyring", "pg-native"],
    resolve: { conditionNames: ["kunji-source", "node"] },
    logLevel: "silent",
  });
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "child.mjs" });
  await bundle.close();
  const running = new Set<VaultProcess>();
  return {
    async start(words, env = {}) {
      const child = startChild(join(folder, "child.mjs"), words, env);
      running.add(child);
      await child.said("ready");
      return child;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((child) => child.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startChild(script: string, words: readonly string[], env: Readonly<Record<string, string>>): VaultProcess {
  const child = spawn(process.execPath, [script, ...words], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let complaints = "";
  let heard = () => {};
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const gone = once(child, "close").then(() => heard());
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    heard();
  });
  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) {
      if (child.exitCode !== null) throw new Error(`the vault process ended: ${complaints}`);
      await new Promise<void>((resolve) => {
        const before = heard;
        heard = () => {
          before();
          resolve();
        };
      });
    }
  };
  return {
    pid: child.pid ?? 0,
    lines,
    begin: () => child.stdin.write("begin\n"),
    said: (line) => until(() => lines.includes(line)),
    spoke: (count) => until(() => lines.length >= count),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
    stop: (signal) => child.kill(signal),
    ended: gone.then(() => child.exitCode),
  };
}
