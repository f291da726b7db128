import type { FromSchema } from "@kunji/contract";
import type {
  TradejiniAccessToken,
  TradejiniEquityLimitOrder,
  TradejiniEquityMarketOrder,
  TradejiniErrorBody,
  TradejiniFuturesLimitOrder,
  TradejiniFuturesMarketOrder,
  TradejiniIndividualTokenRequest,
  TradejiniLimitsResponse,
  TradejiniLogoutResponse,
  TradejiniNoDataResponse,
  TradejiniOptionsLimitOrder,
  TradejiniOptionsMarketOrder,
  TradejiniOrder,
  TradejiniOrderBasket,
  TradejiniOrdersResponse,
  TradejiniTokenRequest,
  TradejiniUserDetailsResponse,
  tradejiniAccessTokenSchema,
  tradejiniEquityLimitOrderSchema,
  tradejiniEquityMarketOrderSchema,
  tradejiniErrorSchema,
  tradejiniFuturesLimitOrderSchema,
  tradejiniFuturesMarketOrderSchema,
  tradejiniIndividualTokenRequestSchema,
  tradejiniLimitsResponseSchema,
  tradejiniLogoutResponseSchema,
  tradejiniNoDataSchema,
  tradejiniOptionsLimitOrderSchema,
  tradejiniOptionsMarketOrderSchema,
  tradejiniOrderSchema,
  tradejiniOrdersResponseSchema,
  tradejiniTokenRequestSchema,
  tradejiniUserDetailsResponseSchema,
} from "@kunji/contract/tradejini";
import { describe, expectTypeOf, it } from "vitest";

// Checked by tsc, not at run time: each hand-written wire type equals its schema.
describe("wire types", () => {
  it("equal their schemas", () => {
    expectTypeOf<FromSchema<typeof tradejiniErrorSchema>>().toEqualTypeOf<TradejiniErrorBody>();
    expectTypeOf<FromSchema<typeof tradejiniNoDataSchema>>().toEqualTypeOf<TradejiniNoDataResponse>();
    expectTypeOf<FromSchema<typeof tradejiniTokenRequestSchema>>().toEqualTypeOf<TradejiniTokenRequest>();
    expectTypeOf<
      FromSchema<typeof tradejiniIndividualTokenRequestSchema>
    >().toEqualTypeOf<TradejiniIndividualTokenRequest>();
    expectTypeOf<FromSchema<typeof tradejiniAccessTokenSchema>>().toEqualTypeOf<TradejiniAccessToken>();
    expectTypeOf<FromSchema<typeof tradejiniUserDetailsResponseSchema>>().toEqualTypeOf<TradejiniUserDetailsResponse>();
    expectTypeOf<FromSchema<typeof tradejiniLogoutResponseSchema>>().toEqualTypeOf<TradejiniLogoutResponse>();
    expectTypeOf<FromSchema<typeof tradejiniLimitsResponseSchema>>().toEqualTypeOf<TradejiniLimitsResponse>();
    expectTypeOf<FromSchema<typeof tradejiniOrdersResponseSchema>>().toEqualTypeOf<TradejiniOrdersResponse>();
  });

  it("of orders equal theirs, one by one and together", () => {
    expectTypeOf<FromSchema<typeof tradejiniEquityLimitOrderSchema>>().toEqualTypeOf<TradejiniEquityLimitOrder>();
    expectTypeOf<FromSchema<typeof tradejiniEquityMarketOrderSchema>>().toEqualTypeOf<TradejiniEquityMarketOrder>();
    expectTypeOf<FromSchema<typeof tradejiniFuturesLimitOrderSchema>>().toEqualTypeOf<TradejiniFuturesLimitOrder>();
    expectTypeOf<FromSchema<typeof tradejiniFuturesMarketOrderSchema>>().toEqualTypeOf<TradejiniFuturesMarketOrder>();
    expectTypeOf<FromSchema<typeof tradejiniOptionsLimitOrderSchema>>().toEqualTypeOf<TradejiniOptionsLimitOrder>();
    expectTypeOf<FromSchema<typeof tradejiniOptionsMarketOrderSchema>>().toEqualTypeOf<TradejiniOptionsMarketOrder>();
    expectTypeOf<FromSchema<typeof tradejiniOrderSchema>>().toEqualTypeOf<TradejiniOrder>();
  });
});

describe("a wrong order", () => {
  const equity = {
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
  } as const satisfies TradejiniOrder;
  const future = {
    exch: "NFO",
    symbol: "NIFTY",
    inst: "FUTIDX",
    expiry: "2022-11-24",
    qty: 2000,
    side: "sell",
    type: "market",
    product: "intraday",
    limitPrice: 0,
    validity: "ioc",
  } as const satisfies TradejiniOrder;

  it("does not compile", () => {
    const { series: _, ...withoutSeries } = equity;
    const { expiry: __, ...withoutExpiry } = future;
    const wrong: TradejiniOrderBasket = [
      // @ts-expect-error upper case
      { ...equity, side: "BUY" },
      // @ts-expect-error no series
      withoutSeries,
      // @ts-expect-error equity on a derivatives exchange
      { ...equity, exch: "NFO" },
      // @ts-expect-error a future's field
      { ...equity, discQty: 5 },
      // @ts-expect-error carry-forward equity is `delivery`
      { ...equity, product: "normal" },
      // @ts-expect-error a market order without a price of 0
      { ...equity, type: "market" },
      // @ts-expect-error a stop order
      { ...equity, type: "stoplimit" },
      // @ts-expect-error place-order's field
      { ...equity, trigPrice: 2690 },
      // @ts-expect-error text instead of a number
      { ...equity, qty: "10" },
      // @ts-expect-error no expiry
      withoutExpiry,
      // @ts-expect-error an option without its strike
      { ...future, inst: "OPTIDX", optType: "PE" },
      // @ts-expect-error a strike that is a number
      { ...future, inst: "OPTIDX", optType: "PE", strike: 34000 },
      // @ts-expect-error protection of a limit order
      { ...future, inst: "OPTIDX", optType: "PE", strike: "34000", type: "limit", limitPrice: 5, mktProt: 5 },
    ];
    expectTypeOf(wrong).toEqualTypeOf<TradejiniOrderBasket>();
  });
});
