import { expect } from "vitest";

/** Zones that would each give another answer if the host's zone were asked (S-28). */
export const HOST_ZONES = ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati"] as const;

/** Minutes that `Date` must be off in January 2026, as a proof that the zone took effect. */
const OFFSETS = { UTC: 0, "Asia/Kolkata": -330, "America/New_York": 300, "Pacific/Kiritimati": -840 } as const;

/** Runs with the host in another time zone, and puts it back. */
export async function inHostZone(zone: (typeof HOST_ZONES)[number], run: () => Promise<void>): Promise<void> {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    expect(new Date(Date.UTC(2026, 0, 15)).getTimezoneOffset()).toBe(OFFSETS[zone]);
    await run();
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, "TZ");
    else process.env.TZ = before;
  }
}
