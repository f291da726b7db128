import { istDateTime } from "@kunji/contract";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A moment for people: `Sat 21 Nov 2026, 03:30 IST`. @param epochSeconds UTC */
export function istMoment(epochSeconds: number): string {
  const [date = "", time = ""] = istDateTime(epochSeconds).split(" ");
  const [year, month, day] = date.split("-").map(Number);
  const weekday = DAYS[new Date(`${date}T00:00:00Z`).getUTCDay()];
  return `${weekday} ${day} ${MONTHS[(month ?? 1) - 1]} ${year}, ${time.slice(0, 5)} IST`;
}

/** A moment for programs, ISO 8601 with India's offset: `2026-11-21T03:30:00+05:30`. @param epochSeconds UTC */
export function istIso(epochSeconds: number): string {
  return `${istDateTime(epochSeconds).replace(" ", "T")}+05:30`;
}

/** `8 h 2 min`, cut to whole minutes; `less than a minute` below one. */
export function timeLeft(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
