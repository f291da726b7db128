import { istDateTime } from "@kunji/contract";
import type { DialectIdentity } from "../dialect-identity.ts";
import { istDay } from "../pages/ist-day.ts";
import { TOKEN_LIFETIME_SECONDS } from "./token-rules.ts";

export const tradejini: DialectIdentity = {
  name: "tradejini",
  issuerPath: "/tradejini",
  brokerName: "Tradejini",
  secret: "password",
  secretField: "password",
  permissions: ["See your account details", "See your funds and limits", "Place, change and cancel orders"],
  accessEnds(now) {
    const end = now / 1000 + TOKEN_LIFETIME_SECONDS;
    return `24 hours, until ${istDateTime(end).slice(11, 16)} IST on ${istDay(end)}`;
  },
};

/** Where the login pages live. */
export const LOGIN_PATH = "/login/tradejini";
