/**
 * Decides whether a delivery to a host may start now (S-70): at most two at a time per host, and a host that does
 * not answer is left alone for a while, so that a dead target never delays others. A pure state machine: it has no
 * timers, and a delivery that may not start simply stays in the outbox.
 */
import type { Clock } from "../clock.ts";

/** Limits of a {@link CircuitBreaker}; every one has a default. */
export interface CircuitBreakerOptions {
  clock: Clock;
  /** Deliveries under way to one host at a time. Default 2. */
  concurrency?: number;
  /** Unanswered attempts in a row that open the breaker. Default 5. */
  failuresToOpen?: number;
  /** How long the breaker stays open the first time, in seconds; doubles each time a trial fails. Default 30. */
  openSeconds?: number;
  /** Longest time the breaker stays open, in seconds. Default 600. */
  maxOpenSeconds?: number;
  /** Failures of a host that was not tried for so long are forgotten, in seconds. Default 3600. */
  forgetSeconds?: number;
  /** Hosts remembered at most (S-127). Default 10 000. */
  maxHosts?: number;
}

/**
 * - `go`: start, and call `leave` exactly once afterwards.
 * - `busy`: the host has its limit of deliveries under way; try again when one has ended.
 * - `open`: the host did not answer lately; try again at `retryAt` (epoch milliseconds).
 */
export type Entry = { outcome: "go" } | { outcome: "busy" } | { outcome: "open"; retryAt: number };

/**
 * How an attempt ended: the host sent a status (any), it did not, or the attempt was given up by us and says
 * nothing about the host.
 */
export type AttemptEnd = "answered" | "unanswered" | "abandoned";

interface HostState {
  inFlight: number;
  /** Unanswered attempts in a row. */
  failures: number;
  /** Times the breaker opened in a row; 0 = closed. */
  openings: number;
  /** Epoch milliseconds; meaningful while `openings` > 0. */
  openUntil: number;
  /** Epoch milliseconds. */
  lastTouched: number;
}

/** One per process. Host names are keys as given: pass `new URL(url).host`. */
export class CircuitBreaker {
  readonly #options: Required<CircuitBreakerOptions>;
  /** In the order of last use, oldest first. Hosts without trouble and without deliveries are not kept. */
  readonly #hosts = new Map<string, HostState>();

  constructor(options: CircuitBreakerOptions) {
    this.#options = {
      concurrency: 2,
      failuresToOpen: 5,
      openSeconds: 30,
      maxOpenSeconds: 600,
      forgetSeconds: 3_600,
      maxHosts: 10_000,
      ...options,
    };
  }

  /** Asks to start a delivery to `host`, and counts it as under way when the answer is `go`. */
  enter(host: string): Entry {
    const now = this.#options.clock.now();
    const state = this.#recall(host, now) ?? freshState(now);
    if (state.openings > 0 && now < state.openUntil) return { outcome: "open", retryAt: state.openUntil };
    // After the pause one delivery goes as a trial; the others wait for what becomes of it.
    const limit = state.openings > 0 ? 1 : this.#options.concurrency;
    if (state.inFlight >= limit) return { outcome: "busy" };
    if (!this.#hosts.has(host) && !this.#makeRoom(now)) return { outcome: "busy" };
    state.inFlight += 1;
    this.#remember(host, state, now);
    return { outcome: "go" };
  }

  /** Reports the end of a delivery that `enter` let go. A call without one is ignored. */
  leave(host: string, end: AttemptEnd): void {
    const state = this.#hosts.get(host);
    if (state === undefined || state.inFlight === 0) return;
    const now = this.#options.clock.now();
    state.inFlight -= 1;
    if (end === "answered") {
      state.failures = 0;
      state.openings = 0;
    } else if (end === "unanswered") {
      this.#countFailure(state, now);
    }
    if (state.inFlight === 0 && state.failures === 0) this.#hosts.delete(host);
    else this.#remember(host, state, now);
  }

  /** Forgets every host. A delivery under way then ends unseen. */
  forget(): void {
    this.#hosts.clear();
  }

  /** Hosts remembered now, for metrics. */
  get size(): number {
    return this.#hosts.size;
  }

  #countFailure(state: HostState, now: number): void {
    const { failuresToOpen, openSeconds, maxOpenSeconds } = this.#options;
    state.failures += 1;
    // While the breaker is open, only the failure of a trial counts, not those of attempts that began before.
    const wasOpen = state.openings > 0 && now < state.openUntil;
    if (state.failures < failuresToOpen || wasOpen) return;
    state.openUntil = now + 1000 * Math.min(openSeconds * 2 ** state.openings, maxOpenSeconds);
    state.openings += 1;
  }

  #recall(host: string, now: number): HostState | undefined {
    const state = this.#hosts.get(host);
    if (state === undefined || !this.#isForgettable(state, now)) return state;
    this.#hosts.delete(host);
    return undefined;
  }

  #remember(host: string, state: HostState, now: number): void {
    state.lastTouched = now;
    this.#hosts.delete(host);
    this.#hosts.set(host, state);
  }

  /** Drops what is forgotten, and at the cap the longest unused host. False when every host is busy. */
  #makeRoom(now: number): boolean {
    for (const [host, state] of this.#hosts) {
      const isFull = this.#hosts.size >= this.#options.maxHosts;
      if (!isFull && !this.#isForgettable(state, now)) return true;
      if (state.inFlight === 0) this.#hosts.delete(host);
    }
    return this.#hosts.size < this.#options.maxHosts;
  }

  #isForgettable(state: HostState, now: number): boolean {
    return state.inFlight === 0 && now - state.lastTouched >= 1000 * this.#options.forgetSeconds;
  }
}

function freshState(now: number): HostState {
  return { inFlight: 0, failures: 0, openings: 0, openUntil: 0, lastTouched: now };
}
