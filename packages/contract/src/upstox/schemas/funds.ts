/**
 * Bodies of the two Upstox funds operations. Every leaf is a number of rupees. Source: protocol/upstox.md 7.
 */
import type { Schema } from "../../route.ts";

const amount = { type: "number" } as const satisfies Schema;

export const upstoxSegmentFundsSchema = {
  type: "object",
  title: "UserFundMarginData",
  properties: {
    used_margin: {
      type: "number",
      description: "Positive: blocked in open orders and positions; negative: being released",
    },
    payin_amount: { type: "number", description: "Instant pay-in" },
    span_margin: { type: "number", description: "SPAN block on F&O" },
    adhoc_margin: { type: "number", description: "Pay-in credited by hand" },
    notional_cash: { type: "number", description: "Kept for withdrawal" },
    available_margin: { type: "number", description: "Available for trading" },
    exposure_margin: { type: "number", description: "Exposure block on F&O" },
  },
  required: [
    "used_margin",
    "payin_amount",
    "span_margin",
    "adhoc_margin",
    "notional_cash",
    "available_margin",
    "exposure_margin",
  ],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxSegmentFunds {
  used_margin: number;
  payin_amount: number;
  span_margin: number;
  adhoc_margin: number;
  notional_cash: number;
  available_margin: number;
  exposure_margin: number;
}

/** Since 2025-07-19 `equity` holds both segments' money and `commodity` is all zeros. */
export const upstoxFundsResponseSchema = {
  type: "object",
  title: "GetUserFundMarginResponse",
  properties: {
    status: { type: "string", examples: ["success", "error", "partial_success"] },
    data: {
      type: "object",
      properties: { equity: upstoxSegmentFundsSchema, commodity: upstoxSegmentFundsSchema },
      additionalProperties: true,
    },
  },
  required: ["status", "data"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxFundsResponse {
  status: string;
  data: { equity?: UpstoxSegmentFunds; commodity?: UpstoxSegmentFunds };
}

const deliveryMarginSchema = {
  type: "object",
  title: "DeliveryMargin",
  properties: { total: amount, equity: amount, fo_settlement: amount },
  required: ["total", "equity", "fo_settlement"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxDeliveryMargin {
  total: number;
  equity: number;
  fo_settlement: number;
}

const pledgeMarginUsedSchema = {
  type: "object",
  title: "PledgeMarginUsed",
  properties: {
    total: amount,
    mtf: amount,
    span_exposure: amount,
    cash_margin_var_elm: amount,
    premium_present: amount,
    delivery_margin: deliveryMarginSchema,
  },
  required: ["total", "mtf", "span_exposure", "cash_margin_var_elm", "premium_present", "delivery_margin"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxPledgeMarginUsed {
  total: number;
  mtf: number;
  span_exposure: number;
  cash_margin_var_elm: number;
  premium_present: number;
  delivery_margin: UpstoxDeliveryMargin;
}

const lossSchema = {
  type: "object",
  title: "Loss",
  properties: { total: amount, realised: amount, unrealised: amount },
  required: ["total", "realised", "unrealised"],
  additionalProperties: true,
} as const satisfies Schema;

const cashMarginUsedSchema = {
  type: "object",
  title: "CashMarginUsed",
  properties: {
    total: amount,
    mtf: amount,
    loss: lossSchema,
    span_exposure: amount,
    cash_margin_var_elm: amount,
    premium_present: amount,
    delivery_margin: deliveryMarginSchema,
  },
  required: ["total", "mtf", "loss", "span_exposure", "cash_margin_var_elm", "premium_present", "delivery_margin"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxCashMarginUsed extends UpstoxPledgeMarginUsed {
  loss: { total: number; realised: number; unrealised: number };
}

const cashAvailableSchema = {
  type: "object",
  title: "CashAvailableToTrade",
  properties: {
    total: amount,
    cash: {
      type: "object",
      title: "CashBreakdown",
      properties: {
        opening_balance: amount,
        added_today: amount,
        withdrawn_today: { type: "number", description: "Negative when money left the account" },
        amount_from_stock_sale: amount,
        unpaid_charges: amount,
      },
      required: ["opening_balance", "added_today", "withdrawn_today", "amount_from_stock_sale", "unpaid_charges"],
      additionalProperties: true,
    },
    margin_used: cashMarginUsedSchema,
  },
  required: ["total", "cash", "margin_used"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxCashAvailableToTrade {
  total: number;
  cash: {
    opening_balance: number;
    added_today: number;
    withdrawn_today: number;
    amount_from_stock_sale: number;
    unpaid_charges: number;
  };
  margin_used: UpstoxCashMarginUsed;
}

const pledgeAvailableSchema = {
  type: "object",
  title: "PledgeAvailableToTrade",
  properties: {
    total: { type: "number", description: "In the documented body; missing from the vendor's OpenAPI and SDKs" },
    margin_from_pledge: {
      type: "object",
      title: "MarginFromPledge",
      properties: { total: amount, equity: amount, mutual_funds: amount },
      required: ["total", "equity", "mutual_funds"],
      additionalProperties: true,
    },
    margin_used: pledgeMarginUsedSchema,
  },
  required: ["margin_from_pledge", "margin_used"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxPledgeAvailableToTrade {
  total?: number;
  margin_from_pledge: { total: number; equity: number; mutual_funds: number };
  margin_used: UpstoxPledgeMarginUsed;
}

const unavailableSchema = {
  type: "object",
  title: "UnavailableToTrade",
  properties: {
    cash_unavailable_to_trade: {
      type: "object",
      title: "CashUnavailableToTrade",
      properties: {
        unsettled_profit: {
          type: "object",
          title: "UnsettledProfit",
          properties: { todays_profit: amount, previous_days: amount },
          required: ["todays_profit", "previous_days"],
          additionalProperties: true,
        },
      },
      required: ["unsettled_profit"],
      additionalProperties: true,
    },
    pledge_unavailable_to_trade: {
      type: "object",
      title: "PledgeUnavailableToTrade",
      properties: { equity: amount, mutual_funds: amount },
      required: ["equity", "mutual_funds"],
      additionalProperties: true,
    },
  },
  required: ["cash_unavailable_to_trade", "pledge_unavailable_to_trade"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxUnavailableToTrade {
  cash_unavailable_to_trade: { unsettled_profit: { todays_profit: number; previous_days: number } };
  pledge_unavailable_to_trade: { equity: number; mutual_funds: number };
}

export const upstoxFundsV3ResponseSchema = {
  type: "object",
  title: "GetUserFundMarginV3Response",
  properties: {
    status: { type: "string", examples: ["success", "error", "partial_success"] },
    data: {
      type: "object",
      title: "UserFundMarginV3Data",
      properties: {
        available_to_trade: {
          type: "object",
          title: "AvailableToTrade",
          properties: {
            total: amount,
            cash_available_to_trade: cashAvailableSchema,
            pledge_available_to_trade: pledgeAvailableSchema,
          },
          required: ["total", "cash_available_to_trade", "pledge_available_to_trade"],
          additionalProperties: true,
        },
        unavailable_to_trade: unavailableSchema,
      },
      required: ["available_to_trade", "unavailable_to_trade"],
      additionalProperties: true,
    },
  },
  required: ["status", "data"],
  additionalProperties: true,
} as const satisfies Schema;

export interface UpstoxFundsV3Response {
  status: string;
  data: {
    available_to_trade: {
      total: number;
      cash_available_to_trade: UpstoxCashAvailableToTrade;
      pledge_available_to_trade: UpstoxPledgeAvailableToTrade;
    };
    unavailable_to_trade: UpstoxUnavailableToTrade;
  };
}
