/** Time as the service sees it; handed in, so that a test can move it. */
export interface ServiceClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls back once, after so many milliseconds. @returns cancels it */
  readonly after: (ms: number, work: () => void) => () => void;
}

/** The machine's clock. Its timers do not keep the process alive: open sockets do. */
export const systemClock: ServiceClock = {
  now: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
