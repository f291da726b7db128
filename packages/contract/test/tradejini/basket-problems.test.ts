import { basketProblems, MAX_BASKET_ORDERS, readBasket, tradejiniOrderBasketSchema } from "@kunji/contract/tradejini";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

// The three examples the vendor publishes, read from protocol/tradejini.md 6.
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
};
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
  discQty: 500,
};
const option = {
  exch: "NFO",
  symbol: "BANKNIFTY",
  inst: "OPTIDX",
  expiry: "2022-11-24",
  optType: "PE",
  strike: "34000",
  qty: 1500,
  side: "buy",
  type: "market",
  product: "delivery",
  limitPrice: 0,
  validity: "day",
  mktProt: 5,
};

const without = (order: object, field: string): object =>
  Object.fromEntries(Object.entries(order).filter(([name]) => name !== field));

describe("basketProblems: sound baskets", () => {
  it("accepts the three published examples, alone and together", () => {
    for (const basket of [[equity], [future], [option], [equity, future, option]]) {
      expect(basketProblems(basket)).toEqual([]);
      expect(readBasket(JSON.stringify(basket))).toEqual({ orders: basket });
    }
  });

  it.each([
    ["an equity market order", { ...equity, type: "market", limitPrice: 0 }],
    ["equity at the BSE until the end of the session", { ...equity, exch: "BSE", series: "A", validity: "eos" }],
    ["a symbol with an ampersand", { ...equity, symbol: "M&M" }],
    ["a symbol with a dash", { ...equity, symbol: "BAJAJ-AUTO" }],
    ["a future without a disclosed quantity", without(future, "discQty")],
    ["a future at a limit", { ...future, type: "limit", limitPrice: 18_400.05 }],
    [
      "a currency future in quarters of a hundredth",
      {
        ...without(future, "discQty"),
        exch: "CDS",
        symbol: "USDINR",
        inst: "FUTCUR",
        type: "limit",
        limitPrice: 83.4525,
      },
    ],
    ["a commodity option", { ...option, exch: "MCX", symbol: "GOLDM", inst: "OPTFUT", optType: "CE" }],
    ["an option without protection", without(option, "mktProt")],
    ["an option carried forward in today's words", { ...option, product: "normal" }],
    ["a strike with decimals", { ...option, strike: "82.25" }],
    ["good till cancelled", { ...option, validity: "gtc" }],
    ["a leap day", { ...future, expiry: "2024-02-29" }],
  ])("accepts %s", (_name, order) => {
    expect(basketProblems([order])).toEqual([]);
  });

  it("accepts as many orders as may be", () => {
    expect(basketProblems(Array.from({ length: MAX_BASKET_ORDERS }, () => equity))).toEqual([]);
  });
});

/** Each basket has exactly one thing wrong with it. */
const broken: [name: string, basket: unknown, index: number | undefined, field: string | undefined, says: RegExp][] = [
  ["null", null, undefined, undefined, /array/],
  ["one order without an array", equity, undefined, undefined, /array/],
  ["text", JSON.stringify([equity]), undefined, undefined, /array/],
  ["an array-like object", { 0: equity, length: 1 }, undefined, undefined, /array/],
  ["no order", [], undefined, undefined, /no order/],
  ["too many orders", Array.from({ length: 31 }, () => equity), undefined, undefined, /more than 30/],
  ["null for an order", [equity, null], 1, undefined, /object/],
  ["an array for an order", [[equity]], 0, undefined, /object/],
  ["text for an order", ["ACC"], 0, undefined, /object/],
  ["no instrument", [without(equity, "inst")], 0, "inst", /one of EQT, FUTIDX/],
  ["an unknown instrument", [{ ...equity, inst: "EQ" }], 0, "inst", /one of EQT/],
  ["a lower-case instrument", [{ ...future, inst: "futidx" }], 0, "inst", /one of/],
  ...Object.keys(equity)
    .filter((field) => field !== "inst")
    .map((field): (typeof broken)[number] => [`no ${field}`, [without(equity, field)], 0, field, /missing/]),
  ["a future without expiry", [without(future, "expiry")], 0, "expiry", /missing/],
  ["an option without optType", [without(option, "optType")], 0, "optType", /missing/],
  ["an option without strike", [without(option, "strike")], 0, "strike", /missing/],
  ["equity on a derivatives exchange", [{ ...equity, exch: "NFO" }], 0, "exch", /one of NSE, BSE/],
  ["a future on a cash exchange", [{ ...future, exch: "NSE" }], 0, "exch", /one of NFO/],
  ["a lower-case exchange", [{ ...equity, exch: "nse" }], 0, "exch", /one of NSE/],
  ["an empty symbol", [{ ...equity, symbol: "" }], 0, "symbol", /upper case/],
  ["a symbol with a space", [{ ...equity, symbol: "ACC LTD" }], 0, "symbol", /spaces/],
  ["a symbol that is a number", [{ ...equity, symbol: 500_410 }], 0, "symbol", /text/],
  ["an upper-case side", [{ ...equity, side: "BUY" }], 0, "side", /one of buy, sell/],
  ["an unknown side", [{ ...equity, side: "short" }], 0, "side", /one of/],
  ["an upper-case type", [{ ...equity, type: "LIMIT" }], 0, "type", /one of limit, market/],
  ["a stop order", [{ ...equity, type: "stoplimit" }], 0, "type", /trigPrice/],
  ["a stop market order", [{ ...equity, type: "stopmarket" }], 0, "type", /trigPrice/],
  ["an upper-case validity", [{ ...equity, validity: "DAY" }], 0, "validity", /one of day/],
  ["eos at the NSE", [{ ...equity, validity: "eos" }], 0, "validity", /BSE/],
  ["another vocabulary's product", [{ ...equity, product: "CNC" }], 0, "product", /one of intraday, delivery/],
  ["carry-forward for equity", [{ ...equity, product: "normal" }], 0, "product", /one of/],
  ["a quantity of 0", [{ ...equity, qty: 0 }], 0, "qty", /whole units/],
  ["a negative quantity", [{ ...equity, qty: -10 }], 0, "qty", /whole units/],
  ["half a share", [{ ...equity, qty: 0.5 }], 0, "qty", /whole units/],
  ["a quantity as text", [{ ...equity, qty: "10" }], 0, "qty", /number/],
  ["an endless quantity", [{ ...equity, qty: 1e300 }], 0, "qty", /whole units/],
  ["a quantity of null", [{ ...equity, qty: null }], 0, "qty", /number/],
  ["a limit of 0", [{ ...equity, limitPrice: 0 }], 0, "limitPrice", /above 0/],
  ["a negative limit", [{ ...equity, limitPrice: -1 }], 0, "limitPrice", /above 0/],
  ["a limit as text", [{ ...equity, limitPrice: "2700.55" }], 0, "limitPrice", /number/],
  ["a limit in thousandths", [{ ...equity, limitPrice: 2700.555 }], 0, "limitPrice", /2 decimals/],
  ["a limit that is not a number", [{ ...equity, limitPrice: Number.NaN }], 0, "limitPrice", /number/],
  ["a market order with a price", [{ ...future, limitPrice: 18_000 }], 0, "limitPrice", /must be 0/],
  ["a disclosed quantity above the quantity", [{ ...future, discQty: 2001 }], 0, "discQty", /more than qty/],
  ["a negative disclosed quantity", [{ ...future, discQty: -1 }], 0, "discQty", /whole units/],
  ["a disclosed quantity of equity", [{ ...equity, discQty: 5 }], 0, "discQty", /not a field of an equity order/],
  ["protection of a future", [{ ...future, mktProt: 5 }], 0, "mktProt", /not a field of a futures order/],
  ["protection of a limit order", [{ ...option, type: "limit", limitPrice: 5 }], 0, "mktProt", /market orders only/],
  ["protection of 0 percent", [{ ...option, mktProt: 0 }], 0, "mktProt", /above 0/],
  ["protection over 100 percent", [{ ...option, mktProt: 101 }], 0, "mktProt", /at most 100/],
  ["an expiry of equity", [{ ...equity, expiry: "2022-11-24" }], 0, "expiry", /not a field/],
  ["a day that does not exist", [{ ...future, expiry: "2022-02-30" }], 0, "expiry", /date/],
  ["a leap day without a leap year", [{ ...future, expiry: "2022-02-29" }], 0, "expiry", /date/],
  ["a month 13", [{ ...future, expiry: "2022-13-01" }], 0, "expiry", /date/],
  ["a date the other way round", [{ ...future, expiry: "24-11-2022" }], 0, "expiry", /date/],
  ["a date with a time", [{ ...future, expiry: "2022-11-24T00:00:00" }], 0, "expiry", /date/],
  ["a strike that is a number", [{ ...option, strike: 34_000 }], 0, "strike", /text/],
  ["a strike of 0", [{ ...option, strike: "0" }], 0, "strike", /above 0/],
  ["a negative strike", [{ ...option, strike: "-34000" }], 0, "strike", /decimal/],
  ["a strike in scientific notation", [{ ...option, strike: "34e3" }], 0, "strike", /decimal/],
  ["a strike with spaces", [{ ...option, strike: " 34000" }], 0, "strike", /decimal/],
  ["a lower-case option type", [{ ...option, optType: "pe" }], 0, "optType", /one of CE, PE/],
  ["an option's series", [{ ...option, series: "EQ" }], 0, "series", /not a field/],
  ["place-order's trigPrice", [{ ...equity, trigPrice: 2690 }], 0, "trigPrice", /not a field/],
  ["place-order's amo", [{ ...equity, amo: true }], 0, "amo", /not a field/],
  ["place-order's remarks", [{ ...equity, remarks: "mine" }], 0, "remarks", /not a field/],
  ["place-order's symId", [{ ...equity, symId: "EQT_ACC_EQ_NSE" }], 0, "symId", /not a field/],
  ["the last of three orders", [equity, future, { ...option, side: "SELL" }], 2, "side", /one of/],
];

describe("basketProblems: broken baskets", () => {
  it.each(broken)("refuses %s and nothing else", (_name, basket, index, field, says) => {
    expect(basketProblems(basket)).toEqual([{ index, field, problem: expect.stringMatching(says) }]);
  });

  it("names everything that is wrong, order by order", () => {
    const problems = basketProblems([{ ...equity, side: "BUY", qty: 0 }, equity, { ...future, expiry: "" }]);
    expect(problems.map(({ index, field }) => `${index} ${field}`)).toEqual(["0 qty", "0 side", "2 expiry"]);
  });

  it("takes no field from a prototype, and none called __proto__ (S-103)", () => {
    expect(basketProblems([Object.create(equity)])).toMatchObject([{ field: "inst" }]);
    const smuggled = JSON.parse(`[{"__proto__":{"qty":1},${JSON.stringify(without(equity, "qty")).slice(1)}]`);
    expect(basketProblems(smuggled).map(({ field }) => field)).toEqual(["__proto__", "qty"]);
    const named = JSON.parse(`[{"constructor":1,"toString":1,${JSON.stringify(equity).slice(1)}]`);
    expect(basketProblems(named).map(({ field }) => field)).toEqual(["constructor", "toString"]);
  });

  it("repeats no value and cuts long names", () => {
    const problems = basketProblems([{ ...equity, side: "canary", ["x".repeat(5000)]: "canary" }]);
    expect(JSON.stringify(problems)).not.toContain("canary");
    expect(JSON.stringify(problems).length).toBeLessThan(300);
  });

  it("has an answer to anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (value) => {
        expect(basketProblems([value]).length).toBeGreaterThan(0);
        expect(Array.isArray(basketProblems(value))).toBe(true);
      }),
    );
  });
});

describe("readBasket", () => {
  it.each([
    ["nothing", ""],
    ["half an array", '[{"exch":"NSE"'],
    ["text around it", `x${JSON.stringify([equity])}`],
  ])("refuses %s", (_name, text) => {
    expect(readBasket(text)).toEqual({ problems: [{ index: undefined, field: undefined, problem: "is not JSON" }] });
  });

  it("refuses a name that is given twice: two readers could see two orders", () => {
    const twice = JSON.stringify([equity]).replace('"qty":10', '"qty":1,"qty":10');
    expect(readBasket(twice).problems).toMatchObject([{ problem: "names a field twice" }]);
    const escaped = JSON.stringify([equity]).replace('"qty":10', '"\\u0071ty":1,"qty":10');
    expect(readBasket(escaped).problems).toMatchObject([{ problem: "names a field twice" }]);
  });

  it("is not misled by colons and quotes inside of texts", () => {
    const basket = [{ ...equity, symbol: "A" }];
    expect(readBasket(JSON.stringify(basket, null, 2)).orders).toEqual(basket);
    expect(readBasket(JSON.stringify(basket).replace('"A"', '"\\u0041"')).orders).toEqual(basket);
  });
});

describe("the schema of a basket", () => {
  it("has the limit of the validator", () => {
    expect(tradejiniOrderBasketSchema.maxItems).toBe(MAX_BASKET_ORDERS);
  });

  it("has six choices: three instruments, each with and without a price", () => {
    const choices = tradejiniOrderBasketSchema.items.oneOf.map(({ title }) => title);
    expect(choices).toEqual([
      "EquityLimitOrder",
      "EquityMarketOrder",
      "FuturesLimitOrder",
      "FuturesMarketOrder",
      "OptionsLimitOrder",
      "OptionsMarketOrder",
    ]);
  });
});
