/** Bodies in the documented shape; every name and number is invented. Source: protocol/upstox.md 3.2, 5 to 8. */
import type {
  UpstoxErrorBody,
  UpstoxFundsResponse,
  UpstoxFundsV3Response,
  UpstoxIndieUserInitTokenResponse,
  UpstoxNotifierMessage,
  UpstoxProfileResponse,
  UpstoxTokenResponse,
  UpstoxUserIpResponse,
} from "@kunji/contract/upstox";

export const tokenBody: UpstoxTokenResponse = {
  email: "demo.customer@example.in",
  exchanges: ["NSE", "NFO", "BSE", "CDS", "BFO", "BCD"],
  products: ["D", "CO", "I"],
  broker: "UPSTOX",
  user_id: "7KAB12",
  user_name: "Demo Customer 1",
  order_types: ["MARKET", "LIMIT", "SL", "SL-M"],
  user_type: "individual",
  poa: false,
  ddpi: true,
  is_active: true,
  access_token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.access-canary-0001",
  extended_token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.extended-canary-0002",
  expires_in: 86400,
  token_type: "Bearer",
};

export const profileBody: UpstoxProfileResponse = {
  status: "success",
  data: {
    email: "demo.customer@example.in",
    exchanges: ["NSE", "NFO", "BSE", "BFO"],
    products: ["D", "CO", "I", "MTF"],
    broker: "UPSTOX",
    user_id: "7KAB12",
    user_name: "Demo Customer 1",
    order_types: ["MARKET", "LIMIT", "SL", "SL-M"],
    user_type: "individual",
    poa: false,
    ddpi: true,
    is_active: true,
  },
};

const noFunds = {
  used_margin: 0,
  payin_amount: 0,
  span_margin: 0,
  adhoc_margin: 0,
  notional_cash: 0,
  available_margin: 0,
  exposure_margin: 0,
};

export const fundsBody: UpstoxFundsResponse = {
  status: "success",
  data: {
    equity: { ...noFunds, used_margin: 5120.25, payin_amount: 2500, available_margin: 37150.25 },
    commodity: noFunds,
  },
};

const delivery = { total: 0, equity: 0, fo_settlement: 0 };

export const fundsV3Body: UpstoxFundsV3Response = {
  status: "success",
  data: {
    available_to_trade: {
      total: 47150.25,
      cash_available_to_trade: {
        total: 37150.25,
        cash: {
          opening_balance: 40000,
          added_today: 2500,
          withdrawn_today: -1000,
          amount_from_stock_sale: 1800.5,
          unpaid_charges: 0,
        },
        margin_used: {
          total: 6150.25,
          mtf: 0,
          loss: { total: 150.25, realised: 100, unrealised: 50.25 },
          span_exposure: 5000,
          cash_margin_var_elm: 1000,
          premium_present: 0,
          delivery_margin: delivery,
        },
      },
      pledge_available_to_trade: {
        total: 10000,
        margin_from_pledge: { total: 12000, equity: 9000, mutual_funds: 3000 },
        margin_used: {
          total: 2000,
          mtf: 0,
          span_exposure: 2000,
          cash_margin_var_elm: 0,
          premium_present: 0,
          delivery_margin: delivery,
        },
      },
    },
    unavailable_to_trade: {
      cash_unavailable_to_trade: { unsettled_profit: { todays_profit: 320, previous_days: 0 } },
      pledge_unavailable_to_trade: { equity: 0, mutual_funds: 0 },
    },
  },
};

export const initTokenBody: UpstoxIndieUserInitTokenResponse = {
  status: "success",
  data: { authorization_expiry: "1795644000000", notifier_url: "https://desk.example.in/hooks/upstox-token" },
};

export const notifierBody: UpstoxNotifierMessage = {
  client_id: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa",
  user_id: "7KAB12",
  access_token: "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.webhook-canary-0003",
  token_type: "Bearer",
  expires_at: "1795644000000",
  issued_at: "1795577700000",
  message_type: "access_token",
};

export const userIpBody: UpstoxUserIpResponse = {
  status: "success",
  data: {
    user_id: "7KAB12",
    primary_ip: "203.0.113.7",
    secondary_ip: null,
    primary_ip_updated_at: "2026-11-24 20:00:00",
    secondary_ip_updated_at: null,
    primary_ip_family_members: [{ user_id: "7KAB13", name: "Demo Customer 2" }],
  },
};

/** An error body with one entry, seven keys, as live ones are. */
export function errorBody(code: string, message: string, invalidValue: unknown = null): UpstoxErrorBody {
  return {
    status: "error",
    errors: [
      {
        errorCode: code,
        message,
        propertyPath: null,
        invalidValue,
        error_code: code,
        property_path: null,
        invalid_value: invalidValue,
      },
    ],
  };
}
