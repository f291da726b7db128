import type { RunningBroker, ServerOptions } from "@kunji/broker";
import { createStyle, wantsColour } from "../terminal/style.ts";
import { readyLine } from "./ready-line.ts";
import { readyText } from "./ready-text.ts";
import type { BrokerModule, ServePlan } from "./serve-plan.ts";

/**
 * How long work under way may take at the end; with what comes before it in a worker, and what closes after it, below the
 * ten seconds of S-115.
 */
const GRACE_MS = 7_500;
/** How long a connection without a request may still bring one. */
const LINGER_MS = 500;

export interface ServeJobOptions {
  readonly plan: ServePlan;
  readonly broker: BrokerModule;
  readonly log: ReturnType<BrokerModule["createLog"]>;
  readonly masterKey: Buffer;
  /** One line of JSON instead of a text for a person. */
  readonly json: boolean;
}

/** What a process of `kunji serve` does, whether it is the only one, a worker, or the parent of workers. */
export class ServeJob {
  readonly plan: ServePlan;
  readonly broker: BrokerModule;
  readonly log: ServeJobOptions["log"];
  /** Resolves when the store has failed. */
  readonly storeFailed: Promise<void>;
  readonly #options: ServeJobOptions;
  #hasStoreFailed = false;
  #endStore = () => {};

  constructor(options: ServeJobOptions) {
    this.#options = options;
    this.plan = options.plan;
    this.broker = options.broker;
    this.log = options.log;
    this.storeFailed = new Promise((resolve) => {
      this.#endStore = resolve;
    });
  }

  hasStoreFailed(): boolean {
    return this.#hasStoreFailed;
  }

  failStore(): void {
    this.#hasStoreFailed = true;
    this.#endStore();
  }

  /** Starts the broker in this process. */
  async start(differently: Partial<ServerOptions> = {}): Promise<RunningBroker> {
    const { masterKey } = this.#options;
    const { port, host, database, settings, demo, control } = this.plan;
    const running = await this.broker.startServer({
      port,
      host,
      database,
      masterKey,
      settings,
      control,
      log: this.log,
      ...(demo ? { demo } : {}),
      ...differently,
      onStoreFailure: (error) => {
        this.log.fatal({ err: error }, "the store failed; nothing more is written, the broker ends");
        differently.onStoreFailure?.(error);
        this.failStore();
      },
    });
    this.log.info({ url: running.url, database: databaseForLog(database) }, "ready");
    return running;
  }

  /** Finishes what is under way in this process (S-115). */
  async stop(running: RunningBroker): Promise<void> {
    this.log.info("stopping: no new work is taken, what is under way is finished");
    await running.close(GRACE_MS, LINGER_MS);
    this.log.info("stopped");
  }

  /** Says on stdout that the broker answers: the one thing that is ever written there. */
  sayReady(ready: Pick<RunningBroker, "url" | "demo">): void {
    const style = createStyle(wantsColour(process.stdout, process.env));
    process.stdout.write(this.#options.json ? `${readyLine(ready, process.pid)}\n` : readyText(ready, style));
  }
}

/** The kind of store only: a path may name a person, an URL holds a password. */
function databaseForLog(database: string): string {
  if (!database.startsWith("sqlite:")) return "postgres";
  return database === "sqlite::memory:" ? "sqlite in memory" : "sqlite file";
}
