import { istDateTime } from "@kunji/contract";
import type { DialectIdentity } from "../dialect-identity.ts";
import { TOKEN_LIFETIME_SECONDS } from "./token-rules.ts";

export const tradejini: DialectIdentity = {
  name: "tradejini",
  issuerPath: "/tradejini",
  brokerName: "Tradejini",
  secret: "password",
  secretField: "password",
  permissions: ["See your account details", "See your funds and limits", "Place, change and cancel orders"],
  accessEnds(now) {
    const end = istDateTime(now / 1000 + TOKEN_LIFETIME_SECONDS);
    const date = new Date(`${end.slice(0, 10)}T00:00:00Z`);
    const day = new Intl.DateTimeFormat("en-IN", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
    return `24 hours, until ${end.slice(11, 16)} IST on ${day.format(date)}`;
  },
};

/** Where the login pages live. */
export const LOGIN_PATH = "/login/tradejini";
