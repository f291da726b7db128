import { istDateTime } from "@kunji/contract";
import { upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { DialectIdentity } from "../dialect-identity.ts";

export const upstox: DialectIdentity = {
  name: "upstox",
  issuerPath: "",
  brokerName: "Upstox",
  secret: "PIN",
  secretField: "pin",
  permissions: ["See your profile", "See your funds and margins", "Place, change and cancel orders"],
  accessEnds(now) {
    const expiry = new Date(
      istDateTime(upstoxTokenExpiry(now / 1000))
        .replace(" ", "T")
        .concat("Z"),
    );
    const day = new Intl.DateTimeFormat("en-IN", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
    return `until 03:30 IST on ${day.format(expiry)}`;
  },
};

/** Where the login pages live. */
export const LOGIN_PATH = "/login/upstox";
