/**
 * Until when each Node release gets security fixes.
 * @see https://github.com/nodejs/Release/blob/main/schedule.json (`end`)
 */
const endOfLife: Readonly<Record<number, string>> = {
  20: "2026-04-30",
  21: "2024-06-01",
  22: "2027-04-30",
  23: "2025-06-01",
  24: "2028-04-30",
  25: "2026-06-01",
  26: "2029-04-30",
};

/**
 * A sentence when the running Node no longer gets security fixes (S-131).
 * @param version as `process.versions.node` has it
 * @param now milliseconds since the epoch
 */
export function nodeSupportNotice(version: string, now: number): string | undefined {
  const end = endOfLife[Number(version.split(".")[0])];
  const today = new Date(now).toISOString().slice(0, 10);
  if (end === undefined || today <= end) return undefined;
  const supported = Object.entries(endOfLife)
    .filter(([, last]) => last >= today)
    .map(([major]) => major);
  const advice = supported.length === 0 ? "Use a newer one." : `Use Node ${listOf(supported)}.`;
  return `Node ${version} has had no security fixes since ${end}. ${advice}`;
}

/** `22, 24 or 26` */
function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
