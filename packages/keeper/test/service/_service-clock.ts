import type { ServiceClock } from "../../src/service/index.ts";

/** A clock that stands still until the test moves it; timers run when it passes them. */
export class TestClock implements ServiceClock {
  #now: number;
  #timers: { at: number; readonly work: () => void }[] = [];
  readonly #jumps = new Set<() => void>();

  constructor(now: string | number) {
    this.#now = typeof now === "number" ? now : Date.parse(now);
  }

  readonly now = () => this.#now;

  readonly after = (ms: number, work: () => void) => {
    const timer = { at: this.#now + ms, work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Milliseconds until each timer runs. */
  waiting(): number[] {
    return this.#timers.map(({ at }) => at - this.#now);
  }

  /** For a keeper that shares this clock. */
  readonly onJump = (jumped: () => void) => {
    this.#jumps.add(jumped);
    return () => this.#jumps.delete(jumped);
  };

  /** Moves on, and runs what was due on the way, in order. */
  advance(ms: number): void {
    this.set(this.#now + ms);
  }

  set(to: string | number): void {
    const end = typeof to === "number" ? to : Date.parse(to);
    // Set back: what was to come in a minute still does.
    const back = Math.min(0, end - this.#now);
    for (const timer of this.#timers) timer.at += back;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.work();
    }
    this.#now = end;
    for (const jumped of this.#jumps) jumped();
  }
}
