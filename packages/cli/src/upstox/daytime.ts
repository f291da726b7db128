import { istDateTime, nextIstTime, SECONDS_PER_DAY } from "@kunji/contract";
import { isUpstoxFundsOpen } from "@kunji/contract/upstox";
import type { DemoClock } from "../demo/broker-demo.ts";

/** 09:05 IST: ten minutes before the market opens, when people log in. */
const MORNING = 9 * 3600 + 5 * 60;

/**
 * The clock of a demo. From 00:00 to 05:30 IST Upstox shows no funds, and neither would this broker; so that the demo
 * shows everything at any hour, its broker then lives at 09:05 IST of the same day, and says so.
 * @param realNow milliseconds since the epoch
 */
export function demoClock(realNow: () => number): DemoClock {
  const start = Math.floor(realNow() / 1000);
  if (isUpstoxFundsOpen(start)) return { now: realNow, notice: undefined };
  const offset = (nextIstTime(start, MORNING) - start) % SECONDS_PER_DAY;
  const shown = istDateTime(start + offset).slice(11, 16);
  return {
    now: () => realNow() + offset * 1000,
    notice: `It is ${istDateTime(start).slice(11, 16)} IST. Upstox shows no funds before 05:30, so this broker's clock is set to ${shown} IST.`,
  };
}
