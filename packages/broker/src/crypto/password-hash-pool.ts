import { Worker } from "node:worker_threads";
import type { Options } from "@node-rs/argon2";

/** One argon2 run. With `stored` it compares, without it makes a hash. */
export interface HashJob {
  readonly stored: string | undefined;
  readonly pin: string;
  readonly options: Options;
}

type HashAnswer = { readonly result: string | boolean } | { readonly failure: string };

/** Beside this module, from the sources and from a build alike (scripts/build-programs.mjs). */
const WORKER = new URL("./password-hash-worker.mjs", import.meta.url);

interface Thread {
  readonly worker: Worker;
  /** Ends the job that runs. */
  settle: ((answer: HashAnswer) => void) | undefined;
}

/**
 * Threads that do nothing but argon2, each one run at a time (S-125): a flood of logins then leaves Node's own thread
 * pool to files and DNS. A thread is started when a job finds none free, and kept; none holds the process up. Who calls
 * sees to it that no more jobs are under way than threads are wanted.
 */
export class HashPool {
  readonly #threads = new Set<Thread>();
  readonly #free: Thread[] = [];

  /** @throws Error when argon2 refuses the options, or the thread died */
  async run(job: HashJob): Promise<string | boolean> {
    const thread = this.#free.pop() ?? this.#start();
    // A job holds the process up, an idle thread does not.
    thread.worker.ref();
    const answer = await new Promise<HashAnswer>((resolve) => {
      thread.settle = resolve;
      thread.worker.postMessage(job);
    });
    thread.settle = undefined;
    if (this.#threads.has(thread)) {
      thread.worker.unref();
      this.#free.push(thread);
    }
    if ("failure" in answer) throw new Error(answer.failure);
    return answer.result;
  }

  /** Threads that were started and live. */
  get size(): number {
    return this.#threads.size;
  }

  /** Ends every thread; a job that runs fails. A later job starts a new one. */
  async close(): Promise<void> {
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #start(): Thread {
    // Nothing is passed on: flags such as --inspect and loaders are for the main thread.
    const worker = new Worker(WORKER, { name: "kunji-pin-hash", execArgv: [] });
    const thread: Thread = { worker, settle: undefined };
    const end = (failure: string) => {
      this.#threads.delete(thread);
      const index = this.#free.indexOf(thread);
      if (index >= 0) this.#free.splice(index, 1);
      thread.settle?.({ failure });
    };
    worker.on("message", (answer: HashAnswer) => thread.settle?.(answer));
    worker.on("error", (error) => end(`the PIN hashing thread failed: ${error.message}`));
    worker.on("exit", () => end("the PIN hashing thread ended"));
    this.#threads.add(thread);
    return thread;
  }
}
