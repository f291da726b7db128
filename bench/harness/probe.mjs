// What a process says about itself: CPU, memory, descriptors, and how long its event loop was held up.
import { readdirSync, readFileSync } from "node:fs";
import { latencies } from "./latencies.mjs";

const TICK_MS = 2;

let timer;
let held = latencies();
let longest = 0;

/** Functions for `answerParent()`. */
export const probes = {
  /** Microseconds since the process began, all threads. */
  cpu: () => process.cpuUsage(),
  /** Bytes, and how many descriptors are open (0 where the system does not tell). */
  resources: () => {
    const { rss, heapUsed: heap } = process.memoryUsage();
    return { rss, heap, descriptors: descriptors() };
  },
  watchLoop() {
    reset();
    clearTimeout(timer);
    tick(performance.now(), waitedForCore());
  },
  /**
   * Milliseconds the loop was held up since `watchLoop` or the last call: how late a timer came, without the time in
   * which the thread could have run and the system gave the core to another.
   */
  loopDelay() {
    const delay = { p99: held.at(99), max: longest };
    reset();
    return delay;
  },
};

function reset() {
  held = latencies();
  longest = 0;
}

function tick(setAt, waited) {
  timer = setTimeout(() => {
    const now = performance.now();
    const nowWaited = waitedForCore();
    const late = Math.max(0, now - setAt - TICK_MS - (nowWaited - waited));
    held.add(late);
    longest = Math.max(longest, late);
    tick(now, nowWaited);
  }, TICK_MS);
  timer.unref();
}

/** Milliseconds the main thread has waited for a core so far; 0 where the system does not tell. */
function waitedForCore() {
  try {
    return Number(readFileSync("/proc/self/schedstat", "utf8").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}

function descriptors() {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}
