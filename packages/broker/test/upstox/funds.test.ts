import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import type { fundsV3 } from "../../src/upstox/funds-data.ts";
import { expectErrors, getFunds, getFundsV3, getTokens, MORNING } from "./_api.ts";
import { HOST_ZONES, inHostZone } from "./_host-zone.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 8 });
});
beforeEach(() => broker.clock.freeze(MORNING));
afterAll(() => broker.close());

const SEGMENT_KEYS = [
  "used_margin",
  "payin_amount",
  "span_margin",
  "adhoc_margin",
  "notional_cash",
  "available_margin",
  "exposure_margin",
];
const ZEROS = Object.fromEntries(SEGMENT_KEYS.map((key) => [key, 0]));

type Segments = Record<string, Record<string, number>>;
const dataOf = <T>(answer: { json: unknown }) => (answer.json as { data: T }).data;

describe("GET /v2/user/get-funds-and-margin", () => {
  it("is both segments; commodity is all zeros since 2025-07-19", async () => {
    const { access } = await getTokens(broker);
    const answer = await getFunds(broker, access);
    expect(answer.status).toBe(200);
    const data = dataOf<Segments>(answer);
    expect(Object.keys(data)).toEqual(["equity", "commodity"]);
    expect(Object.keys(data.equity ?? {})).toEqual(SEGMENT_KEYS);
    expect(data.equity?.available_margin).toBeGreaterThan(0);
    expect(data.commodity).toEqual(ZEROS);
  });

  it("is one segment when it is asked for", async () => {
    const { access } = await getTokens(broker);
    const both = dataOf<Segments>(await getFunds(broker, access));
    expect(dataOf(await getFunds(broker, access, "?segment=SEC"))).toEqual({ equity: both.equity });
    expect(dataOf(await getFunds(broker, access, "?segment=COM"))).toEqual({ commodity: ZEROS });
  });

  it.each(["sec", "EQ", "", "SEC%20", "SEC,COM", "SECX"])("segment=%s is UDAPI1019", async (segment) => {
    const { access } = await getTokens(broker);
    expectErrors(await getFunds(broker, access, `?segment=${segment}`), 400, ["UDAPI1019", "segment"]);
  });

  it("segment given twice is refused, alike or not; other parameters are ignored", async () => {
    const { access } = await getTokens(broker);
    expectErrors(await getFunds(broker, access, "?segment=SEC&segment=SEC"), 400, ["UDAPI100038", "segment"]);
    expect((await getFunds(broker, access, "?x=1&_=1795577700000")).status).toBe(200);
  });

  it("looks at the token before the segment", async () => {
    expectErrors(await getFunds(broker, "nonsense", "?segment=XYZ"), 401, "UDAPI100050");
  });
});

type Tree = { [key: string]: number | Tree };

describe("GET /v3/user/get-funds-and-margin", () => {
  it("has every documented key, in order, and numbers for leaves", async () => {
    const { access } = await getTokens(broker);
    const answer = await getFundsV3(broker, access);
    expect(answer.status).toBe(200);
    expect(pathsOf(dataOf<Tree>(answer))).toEqual(DOCUMENTED_PATHS);
  });

  it("adds up for every customer, to the paisa, and agrees with v2", async () => {
    for (let customer = 0; customer < broker.upstox.customers.length; customer++) {
      const { access } = await getTokens(broker, { customer });
      const data = dataOf<ReturnType<typeof fundsV3>>(await getFundsV3(broker, access));
      const { total, cash_available_to_trade: cash, pledge_available_to_trade: pledge } = data.available_to_trade;
      const parts = cash.cash;
      expect(total).toBe(paise(cash.total + pledge.total));
      expect(cash.total).toBe(
        paise(
          parts.opening_balance +
            parts.added_today +
            parts.withdrawn_today +
            parts.amount_from_stock_sale -
            parts.unpaid_charges -
            cash.margin_used.total,
        ),
      );
      const used = cash.margin_used;
      expect(used.loss.total).toBe(paise(used.loss.realised + used.loss.unrealised));
      expect(used.total).toBe(
        paise(
          used.mtf +
            used.loss.total +
            used.span_exposure +
            used.cash_margin_var_elm +
            used.premium_present +
            used.delivery_margin.total,
        ),
      );
      expect(pledge.margin_from_pledge.total).toBe(
        paise(pledge.margin_from_pledge.equity + pledge.margin_from_pledge.mutual_funds),
      );
      expect(pledge.total).toBe(paise(pledge.margin_from_pledge.total - pledge.margin_used.total));
      expect(parts.withdrawn_today).toBeLessThanOrEqual(0);

      const v2 = dataOf<Segments>(await getFunds(broker, access)).equity;
      expect(v2?.available_margin).toBe(total);
      expect(v2?.used_margin).toBe(paise(used.total + pledge.margin_used.total));
      expect(paise((v2?.span_margin ?? 0) + (v2?.exposure_margin ?? 0))).toBe(used.span_exposure);
    }
  });
});

describe("the nightly 423 (protocol/upstox.md 7.3)", () => {
  const edges = [
    ["2026-11-25T23:59:59.999+05:30", true, 0],
    ["2026-11-26T00:00:00.000+05:30", false, 19_800],
    ["2026-11-26T03:29:59.000+05:30", false, 7_201],
    ["2026-11-26T05:29:59.999+05:30", false, 1],
    ["2026-11-26T05:30:00.000+05:30", true, 0],
  ] as const;

  it.each(HOST_ZONES)("with the host in %s", async (zone) => {
    await inHostZone(zone, async () => {
      for (const [at, isOpen, retryAfter] of edges) {
        // A token of that very hour: the one of the day before has died at 03:30.
        broker.clock.freeze(Date.parse(at));
        const { access } = await getTokens(broker);
        for (const answer of [await getFunds(broker, access), await getFundsV3(broker, access)]) {
          if (isOpen) {
            expect(answer.status, at).toBe(200);
            continue;
          }
          expectErrors(answer, 423, ["UDAPI100072", null]);
          expect(answer.text).toContain("The Funds service is accessible from 5:30 AM to 12:00 AM IST daily");
          expect(answer.headers.get("retry-after"), at).toBe(String(retryAfter));
        }
      }
    });
  });

  it("tells a dead token so at night too", async () => {
    broker.clock.freeze(Date.parse("2026-11-26T01:00:00+05:30"));
    expectErrors(await getFunds(broker, "nonsense"), 401, "UDAPI100050");
  });
});

const paise = (amount: number) => Math.round(amount * 100) / 100;

function pathsOf(tree: Tree, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "number" ? [`${prefix}${key}`] : pathsOf(value, `${prefix}${key}.`),
  );
}

const MARGIN = ["span_exposure", "cash_margin_var_elm", "premium_present"];
const DELIVERY = ["total", "equity", "fo_settlement"].map((key) => `delivery_margin.${key}`);
const CASH = "available_to_trade.cash_available_to_trade";
const PLEDGE = "available_to_trade.pledge_available_to_trade";
const AWAY = "unavailable_to_trade";

/** Every leaf of the documented body (protocol/upstox.md 7.2). */
const DOCUMENTED_PATHS = [
  "available_to_trade.total",
  `${CASH}.total`,
  ...["opening_balance", "added_today", "withdrawn_today", "amount_from_stock_sale", "unpaid_charges"].map(
    (key) => `${CASH}.cash.${key}`,
  ),
  ...["total", "mtf", "loss.total", "loss.realised", "loss.unrealised", ...MARGIN, ...DELIVERY].map(
    (key) => `${CASH}.margin_used.${key}`,
  ),
  `${PLEDGE}.total`,
  ...["total", "equity", "mutual_funds"].map((key) => `${PLEDGE}.margin_from_pledge.${key}`),
  ...["total", "mtf", ...MARGIN, ...DELIVERY].map((key) => `${PLEDGE}.margin_used.${key}`),
  ...["todays_profit", "previous_days"].map((key) => `${AWAY}.cash_unavailable_to_trade.unsettled_profit.${key}`),
  ...["equity", "mutual_funds"].map((key) => `${AWAY}.pledge_unavailable_to_trade.${key}`),
];
