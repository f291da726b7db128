// Medians, and the table the bench prints.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the ratios within each round: what slows the machine for a while slows both sides of a ratio. */
export function medianRatio(numerators, denominators) {
  return median(numerators.map((value, round) => value / denominators[round]));
}

/** @param rows objects with the same keys; the keys are the headings */
export function table(rows) {
  const headings = Object.keys(rows[0]);
  const lines = [headings, ...rows.map((row) => headings.map((heading) => String(row[heading] ?? "")))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const print = (line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  ");
  return [print(headings), widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1).map(print)].join(
    "\n",
  );
}

/** 21 300 as "21,300". */
export const whole = (value) => Math.round(value).toLocaleString("en");
export const ratio = (value) => value.toFixed(2);
export const microseconds = (value) => `${value.toFixed(1)} us`;
export const milliseconds = (value) => `${value.toFixed(1)} ms`;
