import { istDateTime } from "@kunji/contract";

/** Made when it is first needed: it takes as long to make as a page. */
let format: Intl.DateTimeFormat | undefined;

/**
 * The day in India, as people write it there: `Sat, 21 Nov`.
 * @param epochSeconds a moment
 */
export function istDay(epochSeconds: number): string {
  // The date is India's already, so that the host's data about time zones is not asked.
  format ??= new Intl.DateTimeFormat("en-IN", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  return format.format(new Date(`${istDateTime(epochSeconds).slice(0, 10)}T00:00:00Z`));
}
