import { istDateTime } from "@kunji/contract";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Sat 21 Nov, 03:30 IST`. @param epochSeconds UTC */
export function istMoment(epochSeconds: number): string {
  const [date = "", time = ""] = istDateTime(epochSeconds).split(" ");
  const [, month, day] = date.split("-").map(Number);
  const weekday = DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
  return `${weekday} ${day} ${MONTHS[(month ?? 1) - 1]}, ${time.slice(0, 5)} IST`;
}

/** `8 h 2 min`, cut to whole minutes; `less than a minute` below one. */
export function timeLeft(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
