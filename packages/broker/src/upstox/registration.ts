import { isPin } from "../login/verify-pin.ts";
import type { Person, Registration } from "../registration.ts";
import type { UpstoxLedger } from "./funds-data.ts";
import type { UpstoxProfile } from "./profile-data.ts";

/** User ids of the documentation's samples are six letters and digits; older ones are shorter. */
const USER_ID = /^[A-Z0-9]{2,16}$/;

/** What it takes to register apps and people with Upstox. */
export const upstoxRegistration: Registration = {
  flows: ["authorization_code", "token_request"],
  hasAppAddresses: false,
  newClientId(random) {
    const bytes = random.bytes(16);
    // A random UUID (RFC 9562 5.4).
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  },
  userIdProblem: (userId) =>
    USER_ID.test(userId) ? undefined : "An Upstox user id has 2 to 16 letters in capitals and digits, such as KA1234.",
  secretProblem: (secret) => (isPin(secret) ? undefined : "A PIN has six digits."),
  recordOf: (person) => ({
    userId: person.userId,
    loginName: person.mobile,
    profile: profileOf(person),
    funds: EMPTY_LEDGER,
  }),
  mobileOf: ({ loginName }) => loginName,
  withMobile: (person, mobile) => ({ ...person, loginName: mobile }),
};

function profileOf({ userId, name, email }: Person): UpstoxProfile {
  return {
    email,
    exchanges: ["NSE", "NFO", "BSE", "CDS", "BFO", "BCD"],
    products: ["D", "CO", "I", "MTF"],
    broker: "UPSTOX",
    user_id: userId,
    user_name: name,
    order_types: ["MARKET", "LIMIT", "SL", "SL-M"],
    user_type: "individual",
    poa: false,
    ddpi: false,
    is_active: true,
  };
}

const EMPTY_LEDGER: UpstoxLedger = {
  openingBalance: 0,
  addedToday: 0,
  withdrawnToday: 0,
  stockSale: 0,
  unpaidCharges: 0,
  lossRealised: 0,
  lossUnrealised: 0,
  spanMargin: 0,
  exposureMargin: 0,
  cashMargin: 0,
  premium: 0,
  deliveryMargin: 0,
  mtf: 0,
  pledgedEquity: 0,
  pledgedMutualFunds: 0,
  pledgeSpanExposure: 0,
  profitToday: 0,
  profitEarlier: 0,
};
