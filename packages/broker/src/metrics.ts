import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What the broker counts, each with a meaning an operator can act on. No label ever holds a secret or a person. */
export interface BrokerMetrics {
  readonly registry: Registry;
  /** Requests by route pattern and status. */
  readonly requests: Counter<"route" | "status">;
  /** Seconds from request to answer, by route pattern. */
  readonly duration: Histogram<"route">;
  /** Login steps by step and outcome. */
  readonly loginSteps: Counter<"dialect" | "step" | "outcome">;
  /** Code exchanges by outcome. */
  readonly exchanges: Counter<"dialect" | "outcome">;
  /** Webhook deliveries by outcome. */
  readonly deliveries: Counter<"outcome">;
  /** Requests answered 503 because a bounded queue was full (S-124). */
  readonly overloads: Counter<"queue">;
}

export function createMetrics(gauges: {
  pinChecks: () => { running: number; waiting: number };
  messagesWaiting: () => number;
}): BrokerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "kunji_" });
  const registers = [registry];
  new Gauge({
    name: "kunji_pin_checks",
    help: "PIN checks by state",
    labelNames: ["state"],
    registers,
    collect() {
      const load = gauges.pinChecks();
      this.set({ state: "running" }, load.running);
      this.set({ state: "waiting" }, load.waiting);
    },
  });
  new Gauge({
    name: "kunji_messages_waiting",
    help: "One-time codes and notifications waiting to be sent",
    registers,
    collect() {
      this.set(gauges.messagesWaiting());
    },
  });
  return {
    registry,
    requests: new Counter({
      name: "kunji_http_requests_total",
      help: "Requests by route and status",
      labelNames: ["route", "status"],
      registers,
    }),
    duration: new Histogram({
      name: "kunji_http_request_seconds",
      help: "Seconds from request to answer",
      labelNames: ["route"],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    loginSteps: new Counter({
      name: "kunji_login_steps_total",
      help: "Login steps by outcome",
      labelNames: ["dialect", "step", "outcome"],
      registers,
    }),
    exchanges: new Counter({
      name: "kunji_code_exchanges_total",
      help: "Code exchanges by outcome",
      labelNames: ["dialect", "outcome"],
      registers,
    }),
    deliveries: new Counter({
      name: "kunji_webhook_deliveries_total",
      help: "Webhook deliveries by outcome",
      labelNames: ["outcome"],
      registers,
    }),
    overloads: new Counter({
      name: "kunji_overloads_total",
      help: "Requests refused because a queue was full, by queue",
      labelNames: ["queue"],
      registers,
    }),
  };
}
