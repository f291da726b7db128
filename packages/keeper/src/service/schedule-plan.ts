import { istSecondOfDay, startOfIstDay } from "@kunji/contract";
import { Cron } from "croner";

/** When the service logs in by itself. Times of day are IST. Market holidays are not known: it asks on those too. */
export interface SchedulePlan {
  /** `HH:MM` on weekdays, or a cron pattern of five fields for other days. */
  readonly at: string;
  /** Minutes between two requests for the same account; at least 12, since brokers take five an hour. */
  readonly retryMinutes: number;
  /** `HH:MM`: after this nobody is asked any more that day. */
  readonly until: string;
}

export const DEFAULT_PLAN: SchedulePlan = { at: "08:30", retryMinutes: 15, until: "11:30" };

export const FEWEST_RETRY_MINUTES = 12;
const IST_MINUTES = 330;
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** A stretch of time in which accounts are logged in. Epoch milliseconds. */
export interface LoginWindow {
  readonly startsAt: number;
  readonly endsAt: number;
}

export interface LoginTimes {
  /** The window that `now` (epoch milliseconds) lies in. */
  readonly current: (now: number) => LoginWindow | undefined;
  /** Start of the next window after `now`, epoch milliseconds; undefined when the pattern has no further day. */
  readonly next: (now: number) => number | undefined;
}

/**
 * Reads a plan.
 * @throws TypeError that says which field is wrong
 */
export function readPlan(plan: SchedulePlan): LoginTimes {
  if (!Number.isInteger(plan.retryMinutes) || plan.retryMinutes < FEWEST_RETRY_MINUTES || plan.retryMinutes > 720) {
    throw new TypeError(`schedule: minutes between requests are a whole number from ${FEWEST_RETRY_MINUTES} to 720`);
  }
  const until = secondOfDay(plan.until);
  if (until === undefined) throw new TypeError("schedule: the last time is HH:MM in IST, such as 11:30");
  const cron = cronOf(plan.at);
  requireWindow(cron, until);
  return {
    next: (now) => cron.nextRun(new Date(now))?.getTime(),
    current(now) {
      const day = startOfIstDay(now / 1000) * 1000;
      const startsAt = cron.nextRun(new Date(day - 1000))?.getTime();
      const endsAt = day + until * 1000;
      return startsAt !== undefined && startsAt <= now && now < endsAt ? { startsAt, endsAt } : undefined;
    },
  };
}

/** A window that ends before it begins would never log anybody in, and nothing would say so. */
function requireWindow(cron: Cron, until: number): void {
  // Hours and minutes of a pattern are those of every day, so the first day speaks for all.
  const first = cron.nextRun(new Date(0))?.getTime();
  if (first === undefined) throw new TypeError("schedule: no day of the calendar fits the pattern");
  const beginning = cron.nextRun(new Date(startOfIstDay(first / 1000) * 1000 - 1000))?.getTime() ?? first;
  if (istSecondOfDay(beginning / 1000) < until) return;
  throw new TypeError(`schedule: the last time is after the first, ${istTimeOfDay(beginning)} IST, on the same day`);
}

function cronOf(at: string): Cron {
  const second = secondOfDay(at);
  const minutes = second === undefined ? undefined : second / 60;
  const pattern = minutes === undefined ? at : `${minutes % 60} ${Math.floor(minutes / 60)} * * 1-5`;
  // IST as an offset: the machine's zone data is never asked (S-28).
  const options = { mode: "5-part", utcOffset: IST_MINUTES } as const;
  try {
    return new Cron(pattern, options);
  } catch (error) {
    const say = "schedule: the time is HH:MM in IST, or a cron pattern of five fields such as 30 8 * * 1-4";
    throw new TypeError(say, { cause: error });
  }
}

function secondOfDay(text: string): number | undefined {
  const [, hours, minutes] = TIME_OF_DAY.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60;
}

/** `08:30`: the IST time of day. @param at epoch milliseconds */
export function istTimeOfDay(at: number): string {
  const minutes = Math.floor(istSecondOfDay(at / 1000) / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
