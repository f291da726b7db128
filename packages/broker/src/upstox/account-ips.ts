import { readIpAddress } from "../http/ip-address.ts";
import type { StaticIpOutcome, StaticIpRules } from "../static-ip-rules.ts";
import { findStaticIps } from "../store/static-ips.ts";
import { replaceIps } from "./static-ips.ts";

const NO_ADDRESS = "This is no IP address, such as 203.0.113.7 or 2001:db8::7.";

const refusals = {
  UDAPI1185: "The addresses were changed this week already. The next change is possible from Monday on.",
  UDAPI1186: "Somebody else changed them just now. Look at them and try again.",
} as const;

/** The same addresses and rules as `PUT /v2/user/ip`, for the person at the console. @see protocol/upstox.md 8 */
export const upstoxStaticIps: StaticIpRules = {
  *find(accountId) {
    const ips = yield* findStaticIps(accountId);
    if (!ips) return undefined;
    const changedAt = Math.max(ips.primary_updated_at, ips.secondary_updated_at ?? 0);
    return { primary: ips.primary_ip, secondary: ips.secondary_ip, changedAt };
  },
  *replace(parts, accountId, typed, now) {
    const primary = readIpAddress(typed.primary);
    if (primary === undefined) return refuse("primary_ip", NO_ADDRESS);
    const secondary = typed.secondary === "" ? null : readIpAddress(typed.secondary);
    if (secondary === undefined) return refuse("secondary_ip", NO_ADDRESS);
    if (primary === secondary) return refuse("secondary_ip", "The two addresses must differ.");
    const seenVersion = (yield* findStaticIps(accountId))?.version ?? 0;
    const result = yield* replaceIps(parts, { accountId, wanted: { primary, secondary }, seenVersion }, now);
    return result.outcome === "changed" ? result : refuse("primary_ip", refusals[result.code]);
  },
  consequences:
    "They can be changed once in a calendar week, and a change ends the access of every app at once: log in to them again afterwards.",
};

function refuse(field: "primary_ip" | "secondary_ip", problem: string): StaticIpOutcome {
  return { outcome: "refused", problem, field };
}
