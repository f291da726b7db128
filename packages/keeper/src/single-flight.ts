/**
 * One piece of work for everybody in this process who asks for it at the same time. It ends when all who asked have
 * given up, and not before.
 */
export class SingleFlight<T> {
  #flight: { readonly result: Promise<T>; readonly stop: AbortController; passengers: number } | undefined;

  get isUnderWay(): boolean {
    return this.#flight !== undefined;
  }

  /**
   * Joins the work under way, or starts it.
   * @param signal this caller's own; its reason is thrown
   */
  async join(start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#flight ?? this.#take(start);
    flight.passengers++;
    try {
      return await untilAborted(flight.result, signal);
    } finally {
      flight.passengers--;
      if (flight.passengers === 0) {
        // Somebody who asks from now on starts anew.
        if (this.#flight === flight) this.#flight = undefined;
        flight.stop.abort(signal?.reason);
      }
    }
  }

  #take(start: (signal: AbortSignal) => Promise<T>) {
    const stop = new AbortController();
    const result = start(stop.signal);
    const flight = { result, stop, passengers: 0 };
    this.#flight = flight;
    const land = (): void => {
      if (this.#flight === flight) this.#flight = undefined;
    };
    result.then(land, land);
    return flight;
  }
}

/** The promise, or the signal's reason as soon as it ends. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
