import cluster from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExitCode, exitCodes } from "../../command-error.ts";
import type { ServeJob } from "../serve-job.ts";
import { startFailure } from "../start-failure.ts";
import type { ToParent, ToWorker } from "./worker-messages.ts";

/** How long to wait until the other workers take no connections either; the parent says when. */
const MOST_DEAF_MS = 1_000;

/**
 * One of the processes of `kunji serve --workers`: starts and ends when the parent says so. A Ctrl-C, or what systemd
 * sends, reaches parent and workers alike; the parent ends them in order, and is the one who loses patience.
 */
export async function runWorker(job: ServeJob): Promise<void> {
  const parent = new Parent();
  parent.tell({ kind: "waiting" });
  const start = await Promise.race([parent.started, parent.stopped]);
  process.exitCode = start ? await answerFrom(start, job, parent) : exitCodes.done;
  cluster.worker?.disconnect();
}

/** @returns what the process is to end with, once it was told to stop */
async function answerFrom({ port }: Start, job: ServeJob, parent: Parent): Promise<ExitCode> {
  const { host } = job.plan;
  const running = await job
    .start({
      port,
      processes: job.plan.workers,
      allMetrics: () => parent.scrape(),
      onStoreFailure: () => parent.tell({ kind: "store-failed" }),
    })
    .catch((error: unknown) => {
      const { exitCode, message } = startFailure(error, { port, host });
      parent.tell({ kind: "cannot-start", exitCode, message });
      return undefined;
    });
  if (!running) return exitCodes.failed;
  parent.onCount(async (id) => parent.tell({ kind: "counted", id, metrics: await running.metrics() }));
  parent.tell({ kind: "ready", url: running.url, port: running.port });
  await Promise.race([parent.stopped, job.storeFailed]);
  await running.stopAccepting();
  parent.tell({ kind: "deaf" });
  await Promise.race([parent.drained, sleep(MOST_DEAF_MS, undefined, { ref: false })]);
  await job.stop(running);
  return job.hasStoreFailed() ? exitCodes.failed : exitCodes.done;
}

/** Where to listen. */
type Start = Pick<Extract<ToWorker, { readonly kind: "start" }>, "port">;

/** The parent's end of the channel. */
class Parent {
  readonly started: Promise<Start>;
  readonly stopped: Promise<void>;
  readonly drained: Promise<void>;
  readonly #scrapes = new Map<number, (text: string) => void>();
  #count: (id: number) => Promise<void> = async () => {};
  #scraped = 0;

  constructor() {
    let start: (from: Start) => void = () => {};
    let stop = () => {};
    let drain = () => {};
    this.started = new Promise((resolve) => {
      start = resolve;
    });
    this.stopped = new Promise((resolve) => {
      stop = resolve;
    });
    this.drained = new Promise((resolve) => {
      drain = resolve;
    });
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => {});
    process.on("message", (message: ToWorker) => {
      if (message.kind === "start") start(message);
      else if (message.kind === "stop") stop();
      else if (message.kind === "drain") drain();
      else if (message.kind === "ping") this.tell({ kind: "pong" });
      else if (message.kind === "count") void this.#count(message.id);
      else if (message.kind === "metrics") {
        this.#scrapes.get(message.id)?.(message.text);
        this.#scrapes.delete(message.id);
      }
    });
  }

  tell(message: ToParent): void {
    // Without a parent there is nobody to tell, and Node ends this process.
    if (process.connected) process.send?.(message);
  }

  onCount(count: (id: number) => Promise<void>): void {
    this.#count = count;
  }

  /** The metrics of all workers. */
  scrape(): Promise<string> {
    const id = this.#scraped++;
    this.tell({ kind: "scrape", id });
    return new Promise((resolve) => this.#scrapes.set(id, resolve));
  }
}
