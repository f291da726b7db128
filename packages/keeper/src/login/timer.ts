/** Runs `callback` once after `milliseconds`. @returns cancels it */
export type SetTimer = (callback: () => void, milliseconds: number) => () => void;

/** The system's timers. */
export const systemTimer: SetTimer = (callback, milliseconds) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};

/** The system's timers, for what may be forgotten when the process ends. */
export const unrefTimer: SetTimer = (callback, milliseconds) => {
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
};

/**
 * Resolves after `milliseconds`.
 * @throws the signal's reason when it ends the wait
 */
export function delay(milliseconds: number, setTimer: SetTimer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = setTimer(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
