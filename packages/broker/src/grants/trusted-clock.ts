import { ForwardClock, MOST_BEHIND_MS } from "../clock.ts";
import type { BrokerParts } from "../parts.ts";

/** Thrown instead of issuing a code or token by a clock that was set back; answered 503. */
export class ClockBehind extends Error {
  constructor(behindMs: number) {
    super(`the system clock is ${Math.round(behindMs / 1000)} s behind; nothing is issued until it is right`);
    this.name = "ClockBehind";
  }
}

/** @throws ClockBehind when the clock is more than 60 s behind what it has shown before (S-114) */
export function requireTrustedClock({ clock }: Pick<BrokerParts, "clock">): void {
  if (!(clock instanceof ForwardClock)) return;
  const behind = clock.behind();
  if (behind > MOST_BEHIND_MS) throw new ClockBehind(behind);
}
