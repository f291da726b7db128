// When customers come: few at 08:30, ever more until shortly before the market opens at 09:15.

/** The curve's ends, as minutes of the day. */
export const OPENS = 8 * 60 + 30;
export const CLOSES = 9 * 60 + 15;

/**
 * Density of arrivals over the time from 0 to 1: x^3 (1 - x), which peaks at three quarters (09:04) with 2.1 times the
 * mean. Its integral, scaled to 1:
 */
const arrivedBy = (x) => 5 * x ** 4 - 4 * x ** 5;
export const PEAK_TO_MEAN = 20 * 0.75 ** 3 * 0.25;

/** Moments between 0 and 1 at which `count` customers come, in order: evenly along the curve. */
export function arrivalTimes(count) {
  return Array.from({ length: count }, (_, index) => inverse((index + 0.5) / count));
}

function inverse(share) {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (arrivedBy(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** "09:04" of a moment between 0 and 1; later than 1 goes on. */
export function clockText(x) {
  const minutes = Math.floor(OPENS + x * (CLOSES - OPENS));
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
