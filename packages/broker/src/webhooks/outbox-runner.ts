import { open, type SealingKey } from "../crypto/sealed-box.ts";
import { deliveryContext } from "../grants/token-request.ts";
import type { BrokerParts } from "../parts.ts";
import { findAnyClient } from "../store/clients.ts";
import {
  claimDueDeliveries,
  nextDeliveryAt,
  postponeDelivery,
  retryDelivery,
  type StoredDelivery,
  settleDelivery,
} from "../store/outbox.ts";
import type { AttemptEnd, CircuitBreaker } from "./circuit-breaker.ts";
import type { DeliveryFailure, DeliveryResult, SetTimer, WebhookDelivery } from "./deliver-webhook.ts";

/** Seconds before each retry; after the last, every ten minutes until the token expires (design.md section 7). */
const RETRY_SECONDS = [2, 8, 30, 120, 600];
const MOST_UNDER_WAY = 20;
/** How long a try may take before the delivery is anybody's again: longer than `deliverWebhook()` waits for an answer. */
const CLAIM_MS = 15_000;
/** How soon a delivery is looked at again when its host is busy. */
const BUSY_SECONDS = 0.1;
/** The longest the runner sleeps, so that a clock that jumps is noticed, and what another process left that died. */
const LONGEST_SLEEP_MS = 30_000;
/** How soon it looks again after the store could not be asked. */
const AFTER_FAILURE_MS = 5_000;

export interface OutboxRunnerOptions {
  readonly parts: BrokerParts;
  readonly deliver: (delivery: WebhookDelivery) => Promise<DeliveryResult>;
  readonly breaker: CircuitBreaker;
  /** Called once for every try; `error` when it could not be made, `postponed` when the target has too many under way. */
  readonly onResult: (outcome: AttemptOutcome) => void;
  /** The outbox itself could not be read or written; what is due waits for the next look. */
  readonly onFailure: (error: unknown) => void;
  readonly setTimer?: SetTimer;
}

/** What came of a try: why it failed, when it did. */
export type AttemptOutcome = "delivered" | DeliveryFailure | "error" | "postponed";

/** Sends what the outbox holds. Any process may run one: a delivery is claimed before it is tried (S-68). */
export class OutboxRunner {
  readonly #options: OutboxRunnerOptions;
  #cancelTimer = () => {};
  #running: Promise<void> | undefined;
  #wokenWhileRunning = false;
  readonly #underWay = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: OutboxRunnerOptions) {
    this.#options = options;
  }

  /** Looks at the outbox now: at start, after a delivery was written, and when the clock jumped. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#wokenWhileRunning = true;
      return;
    }
    this.#cancelTimer();
    this.#running = this.#round()
      .catch((error: unknown) => {
        this.#options.onFailure(error);
        this.#lookAgainIn(AFTER_FAILURE_MS);
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#wokenWhileRunning) {
          this.#wokenWhileRunning = false;
          this.wake();
        }
      });
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
    while (this.#running || this.#underWay.size > 0) {
      await this.#running;
      await Promise.all(this.#underWay);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.settled();
  }

  /** Claims what is due and starts it; a slow target holds nobody up (S-70). */
  async #round(): Promise<void> {
    const { db, clock } = this.#options.parts;
    const now = clock.now();
    const room = MOST_UNDER_WAY - this.#underWay.size;
    const due = await db.write(() => claimDueDeliveries(now, room, now + CLAIM_MS));
    for (const delivery of due) this.#start(delivery);
    if (due.length === room) return; // the next one to end wakes the runner
    const next = await db.read(() => nextDeliveryAt());
    this.#lookAgainIn(next === undefined ? LONGEST_SLEEP_MS : Math.max(next - clock.now(), 10));
  }

  #lookAgainIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancelTimer();
    const { setTimer = sleepLightly } = this.#options;
    this.#cancelTimer = setTimer(() => this.wake(), Math.min(ms, LONGEST_SLEEP_MS));
  }

  #start(delivery: StoredDelivery): void {
    const attempt = this.#attempt(delivery)
      // Its claim runs out, and it is tried again.
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#underWay.delete(attempt);
        this.wake();
      });
    this.#underWay.add(attempt);
  }

  async #attempt(delivery: StoredDelivery): Promise<void> {
    const { parts, breaker, deliver, onResult } = this.#options;
    const host = new URL(delivery.url).host;
    const entry = breaker.enter(host);
    if (entry.outcome !== "go") {
      const until = entry.outcome === "open" ? entry.retryAt : parts.clock.now() + BUSY_SECONDS * 1000;
      await parts.db.write(() => postponeDelivery(delivery, until));
      onResult("postponed");
      return;
    }
    let end: AttemptEnd = "abandoned";
    let isDelivered = false;
    try {
      const result = await deliver(await this.#unseal(delivery));
      end = result.outcome === "delivered" || result.status !== undefined ? "answered" : "unanswered";
      isDelivered = result.outcome === "delivered";
      onResult(result.outcome === "delivered" ? "delivered" : result.reason);
    } catch (error) {
      onResult("error");
      throw error;
    } finally {
      breaker.leave(host, end);
      await this.#close(delivery, isDelivered);
    }
  }

  async #close(delivery: StoredDelivery, isDelivered: boolean): Promise<void> {
    const { db, clock } = this.#options.parts;
    const now = clock.now();
    const next = now + retryDelay(delivery.attempts);
    await db.write(() => (isDelivered ? settleDelivery(delivery.delivery_key, now) : retryDelivery(delivery, next)));
  }

  async #unseal(delivery: StoredDelivery): Promise<WebhookDelivery> {
    const { keys, db } = this.#options.parts;
    const client = await db.read(() => findAnyClient(delivery.client_id));
    const secret = client?.webhookSecret;
    return {
      url: delivery.url,
      deliveryId: delivery.delivery_key,
      body: openText(keys.seal, delivery.body, deliveryContext(delivery.delivery_key)),
      signingSecret: secret ? openText(keys.seal, secret, webhookSecretContext(delivery.client_id)) : undefined,
    };
  }
}

/** What a sealed webhook secret is bound to. */
export function webhookSecretContext(clientId: string): string {
  return `webhook-secret:${clientId}`;
}

/** Milliseconds from a failed attempt to the next one. @param attempts how many there were, this one included */
export function retryDelay(attempts: number): number {
  return (RETRY_SECONDS[attempts - 1] ?? (RETRY_SECONDS.at(-1) as number)) * 1000;
}

/** A timer that does not hold the process up. */
const sleepLightly: SetTimer = (callback, milliseconds) => {
  const timer = setTimeout(callback, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};

function openText(key: SealingKey, box: Uint8Array, context: string): string {
  return open(key, Buffer.from(box), context).toString("utf8");
}
