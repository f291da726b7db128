/**
 * The orders of order-connect: one JSON array in the query parameter `params`, each element shaped like one of the
 * three published examples. Schemas and types say what a field is; `basketProblems` holds every rule.
 * Source: protocol/tradejini.md 6. Of the values below the vendor's examples show NSE, NFO, EQ, EQT, FUTIDX, OPTIDX,
 * PE, limit, market, intraday, delivery, day and ioc; the rest is inferred from its segment lists and place-order.
 */
import type { Schema } from "../route.ts";

/** Most orders in one basket. Inferred: the URL of a default nginx holds about 8 KB. */
export const MAX_BASKET_ORDERS = 30;

/** Fields every order has. */
const common = {
  symbol: {
    type: "string",
    pattern: "^[A-Z0-9][A-Z0-9&-]{0,31}$",
    description: "Base symbol, without a suffix",
    examples: ["ACC", "NIFTY", "BANKNIFTY"],
  },
  qty: { type: "integer", minimum: 1, description: "Units, never lots" },
  side: { type: "string", enum: ["buy", "sell"] },
  validity: { type: "string", enum: ["day", "ioc", "eos", "gtc"], description: "eos at the BSE only" },
} as const satisfies Record<string, Schema>;

const equity = {
  exch: { type: "string", enum: ["NSE", "BSE"] },
  inst: { type: "string", const: "EQT" },
  series: { type: "string", pattern: "^[A-Z0-9]{1,4}$", examples: ["EQ"] },
  product: { type: "string", enum: ["intraday", "delivery"] },
} as const satisfies Record<string, Schema>;

/** What futures and options share. `delivery` is the older word for `normal`: the options example has it. */
const derivative = {
  exch: { type: "string", enum: ["NFO", "BFO", "CDS", "BCD", "MCX"] },
  expiry: { type: "string", format: "date", description: "YYYY-MM-DD" },
  product: { type: "string", enum: ["intraday", "delivery", "normal"] },
} as const satisfies Record<string, Schema>;

const futures = {
  ...derivative,
  inst: { type: "string", enum: ["FUTIDX", "FUTSTK", "FUTCUR", "FUTCOM"] },
  discQty: { type: "integer", minimum: 1, description: "Disclosed quantity, at most qty" },
} as const satisfies Record<string, Schema>;

const options = {
  ...derivative,
  inst: { type: "string", enum: ["OPTIDX", "OPTSTK", "OPTCUR", "OPTFUT"] },
  optType: { type: "string", enum: ["CE", "PE"] },
  strike: { type: "string", pattern: "^(0|[1-9][0-9]{0,8})(\\.[0-9]{1,4})?$", description: "A number as text" },
} as const satisfies Record<string, Schema>;

const limit = {
  type: { type: "string", const: "limit" },
  limitPrice: { type: "number", exclusiveMinimum: 0 },
} as const satisfies Record<string, Schema>;

const market = {
  type: { type: "string", const: "market" },
  limitPrice: { type: "number", const: 0 },
} as const satisfies Record<string, Schema>;

const mktProt = {
  type: "number",
  exclusiveMinimum: 0,
  maximum: 100,
  description: "Market-order protection, percent",
} as const satisfies Schema;

const always = ["exch", "symbol", "inst", "qty", "side", "type", "product", "limitPrice", "validity"] as const;
const alwaysEquity = [...always, "series"] as const;
const alwaysFutures = [...always, "expiry"] as const;
const alwaysOptions = [...always, "expiry", "optType", "strike"] as const;

export const tradejiniEquityLimitOrderSchema = {
  type: "object",
  title: "EquityLimitOrder",
  properties: { ...common, ...equity, ...limit },
  required: alwaysEquity,
  additionalProperties: false,
} as const satisfies Schema;

export const tradejiniEquityMarketOrderSchema = {
  type: "object",
  title: "EquityMarketOrder",
  properties: { ...common, ...equity, ...market },
  required: alwaysEquity,
  additionalProperties: false,
} as const satisfies Schema;

export const tradejiniFuturesLimitOrderSchema = {
  type: "object",
  title: "FuturesLimitOrder",
  properties: { ...common, ...futures, ...limit },
  required: alwaysFutures,
  additionalProperties: false,
} as const satisfies Schema;

export const tradejiniFuturesMarketOrderSchema = {
  type: "object",
  title: "FuturesMarketOrder",
  properties: { ...common, ...futures, ...market },
  required: alwaysFutures,
  additionalProperties: false,
} as const satisfies Schema;

export const tradejiniOptionsLimitOrderSchema = {
  type: "object",
  title: "OptionsLimitOrder",
  properties: { ...common, ...options, ...limit },
  required: alwaysOptions,
  additionalProperties: false,
} as const satisfies Schema;

export const tradejiniOptionsMarketOrderSchema = {
  type: "object",
  title: "OptionsMarketOrder",
  properties: { ...common, ...options, ...market, mktProt },
  required: alwaysOptions,
  additionalProperties: false,
} as const satisfies Schema;

/** One order. `inst` tells the three shapes apart, `type` whether there is a price. */
export const tradejiniOrderSchema = {
  title: "BasketOrder",
  oneOf: [
    tradejiniEquityLimitOrderSchema,
    tradejiniEquityMarketOrderSchema,
    tradejiniFuturesLimitOrderSchema,
    tradejiniFuturesMarketOrderSchema,
    tradejiniOptionsLimitOrderSchema,
    tradejiniOptionsMarketOrderSchema,
  ],
} as const satisfies Schema;

/** What `params` holds, as JSON. */
export const tradejiniOrderBasketSchema = {
  type: "array",
  title: "OrderBasket",
  items: tradejiniOrderSchema,
  minItems: 1,
  maxItems: MAX_BASKET_ORDERS,
} as const satisfies Schema;

interface CommonOrder {
  /** Base symbol, without a suffix: `ACC`, `NIFTY`. */
  symbol: string;
  /** Units, never lots: a multiple of the lot size. */
  qty: number;
  side: "buy" | "sell";
  /** `eos` at the BSE only. */
  validity: "day" | "ioc" | "eos" | "gtc";
}

interface LimitPrice {
  type: "limit";
  /** Rupees. */
  limitPrice: number;
}

/** Stop types are not possible: they need `trigPrice`, which no published order has. */
interface MarketPrice {
  type: "market";
  limitPrice: 0;
}

interface EquityOrder extends CommonOrder {
  exch: "NSE" | "BSE";
  inst: "EQT";
  series: string;
  product: "intraday" | "delivery";
}

interface DerivativeOrder extends CommonOrder {
  exch: "NFO" | "BFO" | "CDS" | "BCD" | "MCX";
  /** `YYYY-MM-DD`. */
  expiry: string;
  product: "intraday" | "delivery" | "normal";
}

interface FuturesOrder extends DerivativeOrder {
  inst: "FUTIDX" | "FUTSTK" | "FUTCUR" | "FUTCOM";
  /** Disclosed quantity, at most `qty`. */
  discQty?: number;
}

interface OptionsOrder extends DerivativeOrder {
  inst: "OPTIDX" | "OPTSTK" | "OPTCUR" | "OPTFUT";
  optType: "CE" | "PE";
  /** A number as text: `"34000"`. */
  strike: string;
}

export interface TradejiniEquityLimitOrder extends EquityOrder, LimitPrice {}

export interface TradejiniEquityMarketOrder extends EquityOrder, MarketPrice {}

export interface TradejiniFuturesLimitOrder extends FuturesOrder, LimitPrice {}

export interface TradejiniFuturesMarketOrder extends FuturesOrder, MarketPrice {}

export interface TradejiniOptionsLimitOrder extends OptionsOrder, LimitPrice {}

export interface TradejiniOptionsMarketOrder extends OptionsOrder, MarketPrice {
  /** Market-order protection, percent. */
  mktProt?: number;
}

export type TradejiniEquityOrder = TradejiniEquityLimitOrder | TradejiniEquityMarketOrder;
export type TradejiniFuturesOrder = TradejiniFuturesLimitOrder | TradejiniFuturesMarketOrder;
export type TradejiniOptionsOrder = TradejiniOptionsLimitOrder | TradejiniOptionsMarketOrder;
export type TradejiniOrder = TradejiniEquityOrder | TradejiniFuturesOrder | TradejiniOptionsOrder;

/** The orders of one order-connect trip, in the order they are placed. */
export type TradejiniOrderBasket = readonly TradejiniOrder[];
