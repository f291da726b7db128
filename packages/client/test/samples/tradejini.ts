/** Bodies in the documented shape; every name and number is invented. Source: protocol/tradejini.md 4 to 8. */
import type {
  TradejiniAccessToken,
  TradejiniEquityOrder,
  TradejiniErrorBody,
  TradejiniFuturesOrder,
  TradejiniLimitsResponse,
  TradejiniLogoutResponse,
  TradejiniOptionsOrder,
  TradejiniOrdersResponse,
  TradejiniUserDetailsResponse,
} from "@kunji/contract/tradejini";

export const apiKey = "5b0f9d7ce1a24c3e9a6d80b4f7132ce8";

export const tokenBody: TradejiniAccessToken = {
  scope: "general",
  access_token: "9f2c4e7a1b0d4863a5e7c19d02f48b36",
  token_type: "bearer",
  expires_in: 86_400,
};

export const detailsBody: TradejiniUserDetailsResponse = {
  s: "ok",
  d: {
    userId: "TJ00417",
    userName: "Demo Customer 1",
    mobile: "98XXXXXX21",
    email: "demo.customer@example.in",
    pan: "AAAPZ1234C",
    dpId: "IN30XXXX",
    bankDetails: [{ bankName: "Demo Bank", accNo: "XXXX7781", ifsc: "DEMO0001234" }],
    dpIds: ["IN30XXXX"],
    products: ["cnc", "mis", "nrml"],
    segments: ["NSE", "BSE", "NFO"],
  },
};

export const limits = {
  segment: "NSE",
  totalCredits: 182_000,
  availMargin: 160_500.5,
  availCash: 160_500.5,
  marginUsed: 21_499.5,
  payIn: 20_000,
  payOut: 0,
  realizedPnl: -310.25,
  unrealizedPnL: 88.4,
};

export const limitsBody: TradejiniLimitsResponse = { s: "ok", d: [limits] };

export const logoutBody: TradejiniLogoutResponse = { s: "ok", d: { msg: "Logged out successfully" } };

export const ordersBody: TradejiniOrdersResponse = {
  s: "ok",
  d: [
    {
      orderId: "1",
      status: "open",
      orderTime: "24-11-2026 09:15:02",
      exch: "NSE",
      symbol: "ACC",
      series: "EQ",
      inst: "EQT",
      qty: 10,
      fillQty: 0,
      pendingQty: 10,
      side: "buy",
      type: "limit",
      product: "intraday",
      limitPrice: 2700.55,
      validity: "day",
    },
  ],
};

export const errorBody = (msg: string): TradejiniErrorBody => ({ s: "error", msg });

/** The three orders the vendor publishes, field by field in its order. */
export const equityOrder: TradejiniEquityOrder = {
  exch: "NSE",
  symbol: "ACC",
  series: "EQ",
  inst: "EQT",
  qty: 10,
  side: "buy",
  type: "limit",
  product: "intraday",
  limitPrice: 2700.55,
  validity: "day",
};

export const futuresOrder: TradejiniFuturesOrder = {
  exch: "NFO",
  symbol: "NIFTY",
  expiry: "2022-11-24",
  inst: "FUTIDX",
  qty: 2000,
  side: "sell",
  type: "market",
  product: "intraday",
  limitPrice: 0,
  validity: "ioc",
  discQty: 500,
};

export const optionsOrder: TradejiniOptionsOrder = {
  exch: "NFO",
  symbol: "BANKNIFTY",
  expiry: "2022-11-24",
  optType: "PE",
  inst: "OPTIDX",
  strike: "34000",
  qty: 1500,
  side: "buy",
  type: "market",
  product: "delivery",
  limitPrice: 0,
  validity: "day",
  mktProt: 5,
};
