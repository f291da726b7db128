/** The keeper's clock; a test hands in one that it can move. */
export interface KeeperClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls back after every jump of a clock that can tell. @returns stops it */
  readonly onJump?: ((jumped: () => void) => () => void) | undefined;
}

export const systemClock: KeeperClock = { now: () => Date.now() };

/**
 * Longest sleep in milliseconds. The system's clock tells nobody when it is set, and timers stand still while a laptop
 * sleeps: so the deadline is looked at this often.
 */
const LONGEST_SLEEP = 30_000;

/**
 * Calls `ring` once the clock shows `at`, however it got there.
 * @param at epoch milliseconds
 * @returns cancels it; the timer does not keep the process alive
 */
export function alarm(clock: KeeperClock, at: () => number, ring: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    const left = at() - clock.now();
    if (left <= 0) {
      cancel();
      ring();
      return;
    }
    timer = setTimeout(look, Math.min(left, LONGEST_SLEEP));
    timer.unref();
  };
  const stop = clock.onJump?.(look);
  const cancel = (): void => {
    clearTimeout(timer);
    stop?.();
  };
  // Never from within the call: whoever sets an alarm gets its handle first.
  timer = setTimeout(look, Math.min(Math.max(at() - clock.now(), 0), LONGEST_SLEEP));
  timer.unref();
  return cancel;
}
