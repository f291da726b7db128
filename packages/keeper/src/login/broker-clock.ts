import { keptOffset } from "../session-life.ts";

export interface AskBrokerClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 3_000;

/**
 * How far the broker's clock is ahead of this machine's (S-74). A one-time code by a wrong clock would cost one of the
 * few tries an account has.
 * @param host base URL of its API; any answer has a date
 * @returns seconds; 0 when they agree within 5, or the broker could not be asked
 * @throws the signal's reason
 */
export async function askBrokerClock(host: string, { now, signal }: AskBrokerClock): Promise<number> {
  const asked = now();
  try {
    const answer = await fetch(host, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const date = Date.parse(answer.headers.get("date") ?? "");
    // Made somewhere between question and answer, and cut to a whole second.
    return Number.isNaN(date) ? 0 : keptOffset((date + 500 - (asked + now()) / 2) / 1000);
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}
