import { collectDefaultMetrics, Registry } from "prom-client";
import { type Distribution, Distributions } from "./metrics/distributions.ts";
import { Tallies, type Tally } from "./metrics/tallies.ts";
import { TimedOutcomes } from "./metrics/timed-outcomes.ts";
import type { BoundedQueue } from "./overloaded.ts";
import type { AuditEvent } from "./store/audit.ts";
import type { StoreListener } from "./store/database.ts";

/** What an API made of a bearer token. */
export type BearerOutcome = "accepted" | "refused" | "throttled";

/** Who was told to come back later: callers of an API, or a network source of wrong app secrets. */
export type Throttled = "calls" | "secrets";

/** Whose work could not be done because the store could not. */
export type FailedWork = "request" | "outbox" | "housekeeping";

/**
 * What the broker counts, each with a meaning an operator can act on (docs/operations.md). No label holds a secret or a
 * person (S-96), and every value of one comes from a list in the source: routes, statuses, steps, outcomes.
 */
export interface BrokerMetrics {
  readonly registry: Registry;
  /** Every answer: seconds by route pattern, and statuses. */
  readonly requests: TimedOutcomes<"route", "status">;
  /** Steps of logins on the pages, by what came of them. */
  readonly loginSteps: Tallies<"broker" | "step" | "outcome">;
  /** Code exchanges, refused ones too: seconds by broker, and outcomes. */
  readonly exchanges: TimedOutcomes<"broker", "outcome">;
  /** Bearer checks of a broker's APIs. */
  readonly bearerChecks: (broker: string) => Readonly<Record<BearerOutcome, Tally>>;
  readonly throttled: Readonly<Record<Throttled, Tally>>;
  /** Requests answered 503 because a bounded queue was full (S-124). */
  readonly overloads: Tallies<"queue">;
  readonly storeFailures: Readonly<Record<FailedWork, Tally>>;
  /** Findings that audit rows were cut off or replaced (S-99). */
  readonly auditAlarms: Tally;
  /** Tries to deliver a webhook, by outcome. */
  readonly deliveries: Tallies<"outcome">;
  /** Hears of every commit. */
  readonly store: StoreListener;
}

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const QUEUES: readonly BoundedQueue[] = ["messages", "pin-checks", "writes"];
const REPLAYED: AuditEvent = "code.replayed";
const GROUP_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/** Counters and histograms. What is looked at only on demand is added by metrics/gauges.ts. */
export function createMetrics(): BrokerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "kunji_" });
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Tallies({ name, help, labelNames, registry });
  const throttled = counter("kunji_throttled_total", "Answers 429 that a rate limit gave, by what was counted", "what");
  const storeFailures = counter(
    "kunji_store_failures_total",
    "Requests answered 503, and background rounds that failed, because the database did not do its work",
    "work",
  );
  const overloads = counter("kunji_overloads_total", "Requests refused because a bounded queue was full", "queue");
  // There from the start, so that the first one is a rise; Prometheus sees none where a series begins with it.
  for (const queue of QUEUES) overloads.of({ queue });
  const bearerChecks = counter("kunji_bearer_checks_total", "Bearer tokens checked by an API", "broker", "outcome");
  return {
    registry,
    requests: new TimedOutcomes({
      labelNames: ["route", "status"],
      total: { name: "kunji_http_requests_total", help: "Requests that were answered" },
      duration: {
        name: "kunji_http_request_duration_seconds",
        help: "Time from a request's headers to the end of its answer",
        buckets: SECONDS,
      },
      registry,
    }),
    loginSteps: counter("kunji_login_steps_total", "Steps of logins on the pages", "broker", "step", "outcome"),
    exchanges: new TimedOutcomes({
      labelNames: ["broker", "outcome"],
      total: { name: "kunji_code_exchanges_total", help: "Codes that were to be exchanged for a token" },
      duration: {
        name: "kunji_code_exchange_duration_seconds",
        help: "Time an exchange takes from the read request to the durable commit",
        buckets: SECONDS,
      },
      registry,
    }),
    bearerChecks: (broker) => ({
      accepted: bearerChecks.of({ broker, outcome: "accepted" }),
      refused: bearerChecks.of({ broker, outcome: "refused" }),
      throttled: bearerChecks.of({ broker, outcome: "throttled" }),
    }),
    throttled: { calls: throttled.of({ what: "calls" }), secrets: throttled.of({ what: "secrets" }) },
    overloads,
    storeFailures: {
      request: storeFailures.of({ work: "request" }),
      outbox: storeFailures.of({ work: "outbox" }),
      housekeeping: storeFailures.of({ work: "housekeeping" }),
    },
    auditAlarms: counter(
      "kunji_audit_alarms_total",
      "Times it was found, every minute while it is so, that audit rows were cut off or replaced",
    ).of({}),
    deliveries: counter("kunji_webhook_attempts_total", "Tries to deliver a webhook", "outcome"),
    store: listenToStore(registry),
  };
}

/** The audit rows are the broker's own account of what happened; counting them costs a look-up each. */
function listenToStore(registry: Registry): StoreListener {
  const events = new Tallies({
    name: "kunji_audit_events_total",
    help: "Audit rows that are durable, by what happened",
    labelNames: ["event"],
    registry,
  });
  const writes: Distribution = new Distributions({
    name: "kunji_commit_writes",
    help: "Writes that shared a commit",
    labelNames: [],
    buckets: GROUP_SIZES,
    registry,
  }).of({});
  const seconds: Distribution = new Distributions({
    name: "kunji_commit_duration_seconds",
    help: "Time a group of writes takes from its first statement to the durable commit",
    labelNames: [],
    buckets: SECONDS,
    registry,
  }).of({});
  const byEvent = new Map<string, Tally>();
  // An alert waits for its first one; see `overloads`.
  byEvent.set(REPLAYED, events.of({ event: REPLAYED }));
  return {
    committed(commit) {
      writes.observe(commit.writes);
      seconds.observe(commit.milliseconds / 1000);
      for (const { link } of commit.links) {
        let tally = byEvent.get(link.event);
        if (!tally) {
          tally = events.of({ event: link.event });
          byEvent.set(link.event, tally);
        }
        tally.value += 1;
      }
    },
  };
}
