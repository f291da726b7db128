import { type UpstoxErrorCode, upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { TokenRules } from "../grants/token-rules.ts";
import { hasActiveSegment } from "./profile-data.ts";

const YEAR_MS = 365 * 86_400_000;

/** Access tokens die at the next 03:30 IST; extended tokens are read-only and live a year (protocol/upstox.md 3.5, 10). */
export const upstoxTokenRules: TokenRules & { readonly extended: NonNullable<TokenRules["extended"]> } = {
  accessPrefix: "kupx_at_",
  accessExpiry: (issuedAt) => upstoxTokenExpiry(issuedAt / 1000) * 1000,
  objection: ({ profile }): UpstoxErrorCode | undefined => (hasActiveSegment(profile) ? undefined : "UDAPI100058"),
  extended: { prefix: "kupx_et_", lifetimeMs: YEAR_MS },
};
