/** What this needs of `process`. */
export interface SignalSource {
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/** npm passes a Ctrl-C on to a program that already got it from the terminal. Nobody presses it twice this quickly. */
const SAME_PRESS_MS = 300;

export interface StopSignals {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly stopped: Promise<void>;
}

/**
 * The first SIGINT or SIGTERM asks to finish; another one, from somebody who lost patience, ends at once.
 * @param exitNow called for the later signal
 * @param now milliseconds of a clock that never jumps
 */
export function listenForStop(source: SignalSource, exitNow: () => void, now: () => number): StopSignals {
  const controller = new AbortController();
  const { signal } = controller;
  const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  let firstAt: number | undefined;
  const listener = () => {
    if (firstAt === undefined) {
      firstAt = now();
      controller.abort();
    } else if (now() - firstAt >= SAME_PRESS_MS) exitNow();
  };
  source.on("SIGINT", listener);
  source.on("SIGTERM", listener);
  return { signal, stopped };
}
