import type { TradejiniLimits } from "@kunji/contract/tradejini";
import type { Person, Registration } from "../registration.ts";
import { isClientCode, isNewPassword } from "./login-rules.ts";
import { readProfile, type TradejiniProfile } from "./profile-data.ts";

/** What it takes to register apps and people with Tradejini. */
export const tradejiniRegistration: Registration = {
  flows: ["authorization_code", "order_connect", "individual_token"],
  hasAppAddresses: true,
  // 32 hex digits, as the vendor's API keys look.
  newClientId: (random) => random.bytes(16).toString("hex"),
  userIdProblem: (userId) =>
    isClientCode(userId)
      ? undefined
      : "A Tradejini client code has 3 to 16 letters in capitals and digits, such as TJ1234.",
  secretProblem: (secret) => (isNewPassword(secret) ? undefined : "A password has at least 8 characters."),
  recordOf: (person) => ({
    userId: person.userId,
    loginName: person.userId,
    profile: profileOf(person),
    funds: [EMPTY_SEGMENT],
  }),
  mobileOf: ({ profile }) => readProfile(profile).mobile,
  withMobile: (person, mobile) => ({ ...person, profile: JSON.stringify({ ...readProfile(person.profile), mobile }) }),
};

/** Bank and depository are of the back office; the broker's login knows none. */
function profileOf({ userId, name, email, mobile, pan }: Person): TradejiniProfile {
  return {
    userId,
    userName: name,
    mobile,
    email,
    pan: pan ?? "",
    dpId: "",
    bankDetails: [],
    dpIds: [],
    products: ["cnc", "mis", "nrml"],
    segments: ["NSE", "BSE", "NFO"],
  };
}

const EMPTY_SEGMENT: TradejiniLimits = {
  segment: "NSE",
  totalCredits: 0,
  availMargin: 0,
  availCash: 0,
  payIn: 0,
  payOut: 0,
  unclearedCash: 0,
  dayCash: 0,
  adHocMargin: 0,
  stockCollateral: 0,
  marginUsed: 0,
  span: 0,
  exposure: 0,
  premium: 0,
  realizedPnl: 0,
  unrealizedPnL: 0,
  turnover: 0,
  pendOrdValue: 0,
};
