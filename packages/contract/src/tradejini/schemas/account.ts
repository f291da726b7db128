/**
 * Bodies of the Tradejini calls that need a session: details, logout, limits. Source: protocol/tradejini.md 7.
 */
import type { Schema } from "../../route.ts";
import { inEnvelope, type TradejiniEnvelope } from "./envelope.ts";

const text = { type: "string" } as const satisfies Schema;
const amount = { type: "number" } as const satisfies Schema;

export const tradejiniBankDetailsSchema = {
  type: "object",
  title: "BankDetails",
  properties: { bankName: text, accNo: { type: "string", description: "Masked" }, ifsc: text },
  additionalProperties: true,
} as const satisfies Schema;

export interface TradejiniBankDetails {
  bankName?: string;
  accNo?: string;
  ifsc?: string;
}

/** Personal data throughout: not for logs. Every field is optional in the vendor's model. */
export const tradejiniUserDetailsSchema = {
  type: "object",
  title: "UserDetails",
  properties: {
    userId: text,
    userName: text,
    mobile: text,
    email: text,
    pan: text,
    dpId: text,
    bankDetails: { type: "array", items: tradejiniBankDetailsSchema },
    dpIds: { type: "array", items: text },
    products: { type: "array", items: { type: "string", examples: ["cnc", "mis", "nrml"] } },
    segments: { type: "array", items: { type: "string", examples: ["NSE", "BSE", "NFO"] } },
  },
  additionalProperties: true,
} as const satisfies Schema;

export interface TradejiniUserDetails {
  userId?: string;
  userName?: string;
  mobile?: string;
  email?: string;
  pan?: string;
  dpId?: string;
  bankDetails?: TradejiniBankDetails[];
  dpIds?: string[];
  /** Not the words orders use. */
  products?: string[];
  segments?: string[];
}

export const tradejiniUserDetailsResponseSchema = inEnvelope("UserDetailsResponse", tradejiniUserDetailsSchema);

export type TradejiniUserDetailsResponse = TradejiniEnvelope<TradejiniUserDetails>;

export const tradejiniLogoutResponseSchema = inEnvelope("LogoutResponse", {
  type: "object",
  title: "LogoutResult",
  properties: { msg: { type: "string", examples: ["Logged out successfully", "Success"] } },
  additionalProperties: true,
});

export type TradejiniLogoutResponse = TradejiniEnvelope<{ msg?: string }>;

/** Funds of one segment, in rupees. Every field is optional in the vendor's model. */
export const tradejiniLimitsSchema = {
  type: "object",
  title: "Limits",
  properties: {
    segment: text,
    totalCredits: amount,
    availMargin: { type: "number", description: "totalCredits less marginUsed" },
    availCash: amount,
    payIn: amount,
    payOut: amount,
    unclearedCash: amount,
    dayCash: amount,
    adHocMargin: amount,
    brkCollatAmount: amount,
    stockCollateral: amount,
    auxCash: amount,
    auxCollatAmount: amount,
    auxUnclearedCash: amount,
    marginUsed: amount,
    peakMargin: amount,
    span: amount,
    exposure: amount,
    premium: amount,
    optionPremium: amount,
    optPremiumDerMarg: amount,
    brokerage: amount,
    brokerageDerivativesBO: amount,
    brokerageDerivativesMargin: amount,
    realizedPnl: amount,
    // The vendor's capitals, unlike the line above.
    unrealizedPnL: amount,
    turnover: amount,
    turnOverLmt: amount,
    pendOrdValue: amount,
    pendOrdValLmt: amount,
  },
  additionalProperties: true,
} as const satisfies Schema;

export interface TradejiniLimits {
  segment?: string;
  totalCredits?: number;
  availMargin?: number;
  availCash?: number;
  payIn?: number;
  payOut?: number;
  unclearedCash?: number;
  dayCash?: number;
  adHocMargin?: number;
  brkCollatAmount?: number;
  stockCollateral?: number;
  auxCash?: number;
  auxCollatAmount?: number;
  auxUnclearedCash?: number;
  marginUsed?: number;
  peakMargin?: number;
  span?: number;
  exposure?: number;
  premium?: number;
  optionPremium?: number;
  optPremiumDerMarg?: number;
  brokerage?: number;
  brokerageDerivativesBO?: number;
  brokerageDerivativesMargin?: number;
  realizedPnl?: number;
  unrealizedPnL?: number;
  turnover?: number;
  turnOverLmt?: number;
  pendOrdValue?: number;
  pendOrdValLmt?: number;
}

/** One object in the vendor's schema and SDK type, a list by segment in its sample and in live use: take both. */
export const tradejiniLimitsResponseSchema = inEnvelope("LimitsResponse", {
  oneOf: [tradejiniLimitsSchema, { type: "array", items: tradejiniLimitsSchema }],
});

export type TradejiniLimitsResponse = TradejiniEnvelope<TradejiniLimits | TradejiniLimits[]>;
