import { upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { DialectIdentity } from "../dialect-identity.ts";
import { istDay } from "../pages/ist-day.ts";

export const upstox: DialectIdentity = {
  name: "upstox",
  issuerPath: "",
  brokerName: "Upstox",
  secret: "PIN",
  secretField: "pin",
  permissions: ["See your profile", "See your funds and margins", "Place, change and cancel orders"],
  accessEnds(now) {
    return `until 03:30 IST on ${istDay(upstoxTokenExpiry(now / 1000))}`;
  },
};

/** Where the login pages live. */
export const LOGIN_PATH = "/login/upstox";
