import { setTimeout as sleep } from "node:timers/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import type { SendCounts } from "../messages/send-queue.ts";
import type { BoundedQueue } from "../overloaded.ts";
import type { OutboxBacklog } from "../store/outbox.ts";
import { VERSION } from "../version.ts";

/** What is looked at when somebody asks for the metrics, and not before. */
export interface GaugeSources {
  readonly writesWaiting: () => number;
  readonly pinChecks: () => { readonly running: number; readonly waiting: number };
  readonly messages: () => Readonly<SendCounts>;
  /** How far the system's clock is behind the time the database has seen, in milliseconds (S-114). */
  readonly clockBehindMs: () => number;
  /** What waits to be delivered, as the database has it for all processes. @throws when it cannot be read */
  readonly outbox: () => Promise<OutboxBacklog>;
  readonly now: () => number;
  /** How long a database that does not answer may hold the other metrics up, in milliseconds; 1000 by default. */
  readonly outboxPatienceMs?: number;
}

/** Below what a scrape may take, and below the time the workers of one machine wait for each other. */
const OUTBOX_PATIENCE_MS = 1_000;

/** Adds the gauges, and the counter that the send queue keeps. Of several processes on one machine the numbers add up, except where the database is the source. */
export function addGauges(registry: Registry, sources: GaugeSources): void {
  const registers = [registry];
  new Gauge({
    name: "kunji_build_info",
    help: "Always 1; the label is the version that runs",
    labelNames: ["version"],
    aggregator: "first",
    registers,
  }).set({ version: VERSION }, 1);
  new Gauge({
    name: "kunji_queue_length",
    help: "What waits in a bounded queue of this process",
    labelNames: ["queue"],
    registers,
    collect() {
      const waiting: Readonly<Record<BoundedQueue, number>> = {
        writes: sources.writesWaiting(),
        "pin-checks": sources.pinChecks().waiting,
        messages: sources.messages().pending,
      };
      for (const [queue, length] of Object.entries(waiting)) this.set({ queue }, length);
    },
  });
  new Gauge({
    name: "kunji_pin_checks_running",
    help: "PIN and password hashes under way",
    registers,
    collect() {
      this.set(sources.pinChecks().running);
    },
  });
  new Gauge({
    name: "kunji_clock_behind_seconds",
    help: "How far the system clock is behind the latest time the database has seen; above 60 nothing is issued",
    aggregator: "max",
    registers,
    collect() {
      this.set(sources.clockBehindMs() / 1000);
    },
  });
  new Counter({
    name: "kunji_messages_total",
    help: "Messages to people, by what became of them",
    labelNames: ["outcome"],
    registers,
    collect() {
      const { sent, failed, refused } = sources.messages();
      this.reset();
      for (const [outcome, count] of Object.entries({ sent, failed, refused })) this.inc({ outcome }, count);
    },
  });
  addOutbox(registry, sources);
}

/** Every process reads the same rows, so these are not added up. */
function addOutbox(registry: Registry, sources: GaugeSources): void {
  const { now } = sources;
  const ask = askTogether(() => readBacklog(sources));
  const add = (name: string, help: string, read: (backlog: OutboxBacklog) => number) =>
    new Gauge({
      name,
      help,
      aggregator: "max",
      registers: [registry],
      async collect() {
        const backlog = await ask();
        this.set(backlog ? read(backlog) : Number.NaN);
      },
    });
  add(
    "kunji_outbox_waiting",
    "Webhook deliveries that wait for a try or a retry, counted up to 10000",
    ({ waiting }) => waiting,
  );
  add("kunji_outbox_oldest_seconds", "Age of the oldest webhook delivery that waits; 0 when none does", ({ oldest }) =>
    oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1000,
  );
}

/** A database that is away, or does not answer, is counted elsewhere; the other metrics matter most just then. */
async function readBacklog(sources: GaugeSources): Promise<OutboxBacklog | undefined> {
  const { outbox, outboxPatienceMs = OUTBOX_PATIENCE_MS } = sources;
  return await Promise.race([outbox().catch(() => undefined), sleep(outboxPatienceMs, undefined, { ref: false })]);
}

/** Who asks while an answer is on its way gets the same one. */
function askTogether<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
