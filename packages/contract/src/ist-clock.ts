/**
 * Indian Standard Time arithmetic. IST is UTC+05:30 all year (no daylight saving), so everything is integer
 * arithmetic on epoch seconds; the host's time zone and its zone data are never asked (S-28).
 */

export const SECONDS_PER_DAY = 86_400;
const IST_OFFSET = 5 * 3600 + 30 * 60;

/** Seconds since midnight IST, 0 to 86 399. */
export function istSecondOfDay(epochSeconds: number): number {
  const shifted = Math.floor(epochSeconds) + IST_OFFSET;
  return ((shifted % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;
}

/**
 * The first moment strictly after `epochSeconds` at which the IST wall clock shows `secondOfDay`.
 * @returns epoch seconds
 */
export function nextIstTime(epochSeconds: number, secondOfDay: number): number {
  const whole = Math.floor(epochSeconds);
  const ahead = secondOfDay - istSecondOfDay(whole);
  return whole + (ahead > 0 ? ahead : ahead + SECONDS_PER_DAY);
}

/** Midnight IST before or at this moment. @returns epoch seconds */
export function startOfIstDay(epochSeconds: number): number {
  const whole = Math.floor(epochSeconds);
  return whole - istSecondOfDay(whole);
}

/** IST calendar day as a count of days since 1970-01-01 (IST). */
export function istDayNumber(epochSeconds: number): number {
  return Math.floor((Math.floor(epochSeconds) + IST_OFFSET) / SECONDS_PER_DAY);
}

/** Number of the IST calendar week (Monday to Sunday): two moments share it when they lie in one week. */
export function istWeekNumber(epochSeconds: number): number {
  // 1970-01-01 was a Thursday; three days on, weeks start on Monday.
  return Math.floor((istDayNumber(epochSeconds) + 3) / 7);
}

/** IST wall clock as `YYYY-MM-DD HH:MM:SS`. */
export function istDateTime(epochSeconds: number): string {
  return new Date((Math.floor(epochSeconds) + IST_OFFSET) * 1000).toISOString().slice(0, 19).replace("T", " ");
}
