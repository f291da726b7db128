import cluster, { type Worker } from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import type { WorkerMetrics } from "@kunji/broker";
import { CommandError, exitCodes } from "../../command-error.ts";
import type { BrokerModule } from "../serve-plan.ts";
import { closeLostHandover } from "./handover.ts";
import { MetricsOfAll } from "./metrics-of-all.ts";
import { restartDelay, WELL_AFTER_MS } from "./restart-delay.ts";
import { LOOK_EVERY_MS, Watchdog } from "./watchdog.ts";
import type { ToParent, ToWorker } from "./worker-messages.ts";

/** Longer than a worker takes to stop by itself; below the ten seconds of S-115. */
const STOP_MS = 9_250;
/** How long the last worker that takes connections waits for the others. */
const LAST_WAITS_MS = 500;

type Log = ReturnType<BrokerModule["createLog"]>;

/** Where one worker runs after another. */
interface Place {
  worker: Worker | undefined;
  isReady: boolean;
  /** It was told to stop and takes no more connections, or is gone, or nobody waits for it any longer. */
  isDeaf: boolean;
  /** Resolves when that is so. */
  deaf: Promise<void>;
  becomeDeaf: () => void;
  startedAt: number;
  quickEnds: number;
  timer: NodeJS.Timeout | undefined;
}

export interface WorkerPoolOptions {
  readonly count: number;
  /** As `--port` has it. */
  readonly port: number;
  readonly broker: BrokerModule;
  readonly log: Log;
  /** Called once when the store of a worker failed (S-119). */
  readonly onStoreFailure: () => void;
}

/**
 * The processes of `kunji serve --workers`, and what holds them: the parent takes connections and hands them out in
 * turn, replaces a worker that ends, and knows nothing of logins itself.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: readonly Place[];
  readonly #metrics: WorkerMetrics;
  readonly #metricsOfAll: MetricsOfAll;
  /** What workers listen on: 0 as long as those that live hold on to the free port the first one got. */
  #port: number;
  /** Where they answer. */
  #boundPort: number | undefined;
  readonly #watchdog = new Watchdog();
  #looking: NodeJS.Timeout | undefined;
  #isStopping = false;
  #onReady: (place: Place, url: string) => void = () => {};
  /** While the first workers start. */
  #onStartFailure: ((error: CommandError) => void) | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#metrics = options.broker.createWorkerMetrics(options.count);
    this.#metricsOfAll = new MetricsOfAll(this.#metrics);
    this.#places = Array.from({ length: options.count }, newPlace);
    // Numbers keep their kind on the way, NaN included.
    cluster.setupPrimary({ serialization: "advanced" });
  }

  /**
   * Starts one worker, which prepares the database, then the others.
   * @returns where they answer
   * @throws CommandError when one cannot start
   */
  async start(): Promise<string> {
    this.#looking = setInterval(() => this.#endSilent(), LOOK_EVERY_MS);
    return await new Promise<string>((resolve, reject) => {
      let ready = 0;
      this.#onStartFailure = reject;
      this.#onReady = (place, url) => {
        ready += 1;
        const [first, ...others] = this.#places;
        if (place === first && ready === 1) for (const other of others) this.#startIn(other);
        if (ready === this.#places.length) {
          this.#onStartFailure = undefined;
          this.#onReady = () => {};
          resolve(url);
        }
      };
      const [first] = this.#places;
      if (first) this.#startIn(first);
    });
  }

  /**
   * Tells every worker to stop and waits until all have. One takes connections until no other one does: what is handed to
   * a worker that has just closed the port finds another. It does not wait for one that hangs.
   * @returns whether all stopped by themselves
   */
  async stop(): Promise<boolean> {
    this.#isStopping = true;
    clearInterval(this.#looking);
    for (const { timer } of this.#places) clearTimeout(timer);
    const living = this.#places.filter(({ worker }) => worker);
    const stopped = living.map((place) => this.#waitForEnd(place));
    const [last, ...others] = living;
    for (const { worker } of others) if (worker) tell(worker, { kind: "stop" });
    const allDeaf = Promise.all(others.map(({ deaf }) => deaf));
    await Promise.race([allDeaf, sleep(LAST_WAITS_MS, undefined, { ref: false })]);
    for (const place of others) place.isDeaf = true;
    if (last?.worker) tell(last.worker, { kind: "stop" });
    return (await Promise.all(stopped)).every((isByItself) => isByItself);
  }

  async #waitForEnd({ worker }: Place): Promise<boolean> {
    if (!worker) return true;
    let isByItself = true;
    const overdue = setTimeout(() => {
      isByItself = false;
      this.#options.log.error({ worker: worker.process.pid }, "a worker did not stop in time and is killed");
      worker.process.kill("SIGKILL");
    }, STOP_MS);
    await ended(worker);
    clearTimeout(overdue);
    return isByItself;
  }

  /** At once, whatever is under way. */
  kill(): void {
    for (const { worker } of this.#places) worker?.process.kill("SIGKILL");
  }

  #startIn(place: Place): void {
    if (this.#isStopping) return;
    const worker = cluster.fork();
    closeLostHandover(worker);
    place.worker = worker;
    place.isReady = false;
    place.startedAt = performance.now();
    worker.on("message", (message: ToParent) => this.#hear(place, worker, message));
    worker.on("exit", (code, signal) => this.#onExit(place, worker, code, signal));
    // What cannot be sent to a worker that is gone shows in its exit.
    worker.on("error", () => {});
  }

  /** Ends workers that hang, so that others take their place. */
  #endSilent(): void {
    const ready = this.#places.flatMap(({ worker, isReady }) => (worker && isReady ? [worker] : []));
    const silent = this.#watchdog.silentAmong(ready.map(({ id }) => id));
    for (const worker of ready) {
      if (!silent.includes(worker.id)) tell(worker, { kind: "ping" });
      else {
        this.#options.log.error({ worker: worker.process.pid }, "a worker has not answered for a minute and is killed");
        worker.process.kill("SIGKILL");
      }
    }
  }

  #hear(place: Place, worker: Worker, message: ToParent): void {
    this.#watchdog.heard(worker.id);
    switch (message.kind) {
      case "waiting":
        // It was told to stop before it listened, if it was.
        if (this.#isStopping) {
          tell(worker, { kind: "stop" });
          break;
        }
        // Nobody is left who holds the free port: from now on it is asked for by its number.
        if (this.#boundPort !== undefined && !this.#places.some(({ isReady }) => isReady)) this.#port = this.#boundPort;
        tell(worker, { kind: "start", port: this.#port });
        break;
      case "ready":
        this.#boundPort ??= message.port;
        // The last one that held the free port went while this one started: it got another port, and another try.
        if (message.port !== this.#boundPort) worker.process.kill("SIGKILL");
        else {
          place.isReady = true;
          this.#onReady(place, message.url);
        }
        break;
      case "cannot-start":
        if (this.#onStartFailure) this.#onStartFailure(new CommandError(message.exitCode, message.message));
        else this.#options.log.error(`a worker cannot start: ${message.message}`);
        break;
      case "deaf":
        place.isReady = false;
        place.isDeaf = true;
        place.becomeDeaf();
        this.#drain();
        break;
      case "store-failed":
        this.#options.onStoreFailure();
        break;
      case "counted":
        // What a worker said may be heard after its end, when its numbers are kept already.
        if (place.worker === worker) this.#metricsOfAll.take(message.id, worker.id, message.metrics);
        break;
      case "pong":
        break;
      case "scrape":
        void this.#scrape(worker, message.id);
    }
  }

  async #scrape(asking: Worker, id: number): Promise<void> {
    const askEach = (round: number) => {
      const ready = this.#places.flatMap(({ worker, isReady }) => (worker && isReady ? [worker] : []));
      return ready.filter((worker) => tell(worker, { kind: "count", id: round })).length;
    };
    const text = await this.#metricsOfAll.collect(askEach).catch((error: unknown) => {
      // Numbers are not worth the end of all workers.
      this.#options.log.error({ err: error }, "the metrics could not be added up");
      return "";
    });
    tell(asking, { kind: "metrics", id, text });
  }

  /** Lets deaf workers send their clients away when nobody is left who would take those in. */
  #drain(): void {
    const living = this.#places.filter(({ worker }) => worker);
    if (!living.every(({ isDeaf }) => isDeaf)) return;
    for (const { worker } of living) if (worker) tell(worker, { kind: "drain" });
  }

  #onExit(place: Place, worker: Worker, code: number | null, signal: string | null): void {
    place.worker = undefined;
    place.isReady = false;
    this.#metrics.gone(worker.id);
    if (this.#isStopping) {
      place.becomeDeaf();
      this.#drain();
      return;
    }
    const how = signal ? `by ${signal}` : `with code ${code}`;
    this.#onStartFailure?.(new CommandError(exitCodes.failed, `A worker process ended ${how}, see the log.`));
    this.#metrics.ended(signal ? "signal" : "exit");
    const isQuick = performance.now() - place.startedAt < WELL_AFTER_MS;
    place.quickEnds = isQuick ? place.quickEnds + 1 : 1;
    const inMs = restartDelay(place.quickEnds);
    this.#options.log.error({ worker: worker.process.pid, code, signal, inMs }, "a worker ended and is replaced");
    place.timer = setTimeout(() => this.#startIn(place), inMs);
  }
}

function newPlace(): Place {
  let becomeDeaf = () => {};
  const deaf = new Promise<void>((resolve) => {
    becomeDeaf = resolve;
  });
  return {
    worker: undefined,
    isReady: false,
    isDeaf: false,
    deaf,
    becomeDeaf,
    startedAt: 0,
    quickEnds: 0,
    timer: undefined,
  };
}

/** @returns false when the worker is no longer there */
function tell(worker: Worker, message: ToWorker): boolean {
  if (!worker.isConnected()) return false;
  worker.send(message);
  return true;
}

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.isDead()) resolve();
    else worker.once("exit", () => resolve());
  });
}
