import { type ChildProcess, execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = `${root}packages/cli/dist/main.js`;

/** Builds what changed, as `npm run build` does; for a `beforeAll`. Test files that ask at the same time take turns. */
export async function buildKunji(): Promise<void> {
  await promisify(execFile)(process.execPath, [`${root}scripts/build.mjs`, "--quiet"]);
}

export interface KunjiOptions {
  /** Added to an environment without any `KUNJI_*`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What comes on stdin; nothing by default. */
  readonly input?: string;
  /** No file it writes may grow beyond so many blocks of the shell's `ulimit -f`: a disk that gets full. */
  readonly fileBlocks?: number;
  /** A program and its words that run it, such as strace. */
  readonly under?: readonly string[];
}

export interface KunjiResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `kunji` that runs on, without a terminal. */
export class Kunji implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<KunjiResult>;
  #stdout = "";
  #stderr = "";
  #wake = () => {};

  constructor(words: readonly string[], options: KunjiOptions = {}) {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("KUNJI_") && name !== "NO_COLOR");
    const command = [process.execPath, main, ...words];
    const limited = ["sh", "-c", `ulimit -f ${options.fileBlocks}; exec "$@"`, "sh", ...command];
    const inner = options.fileBlocks === undefined ? command : limited;
    const [program = "", ...rest] = [...(options.under ?? []), ...inner];
    this.child = spawn(program, rest, {
      cwd: options.cwd ?? root,
      env: { ...Object.fromEntries(clean), ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    this.child.stdin?.end(options.input);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("close", (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
        this.#wake();
      });
    });
  }

  /** Waits until stdout holds a text. @returns all of stdout so far */
  async says(text: string): Promise<string> {
    return await this.#holds(() => this.#stdout, text);
  }

  /** Waits until stderr holds a text. @returns all of stderr so far */
  async notes(text: string): Promise<string> {
    return await this.#holds(() => this.#stderr, text);
  }

  /** Waits until it says or notes anything more, or ends. */
  async more(): Promise<void> {
    await this.#next();
  }

  async #holds(output: () => string, text: string): Promise<string> {
    while (!output().includes(text)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`kunji ended before it said ${JSON.stringify(text)}:\n${this.#stdout}${this.#stderr}`);
      }
      await this.#next();
    }
    return output();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** Runs `kunji` to its end. */
export async function kunji(words: readonly string[], options?: KunjiOptions): Promise<KunjiResult> {
  return await new Kunji(words, options).ended;
}
