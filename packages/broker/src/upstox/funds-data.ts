/** Cash and margin of one segment, v2. @see protocol/upstox.md 7.1 */
export interface UpstoxSegmentFunds {
  readonly used_margin: number;
  readonly payin_amount: number;
  readonly span_margin: number;
  readonly adhoc_margin: number;
  readonly notional_cash: number;
  readonly available_margin: number;
  readonly exposure_margin: number;
}

/** What the broker knows of an account's money; both versions of the funds API are views of it. Amounts in rupees. */
export interface UpstoxLedger {
  readonly openingBalance: number;
  readonly addedToday: number;
  /** Negative, as the v3 documentation shows it. */
  readonly withdrawnToday: number;
  readonly stockSale: number;
  readonly unpaidCharges: number;
  readonly lossRealised: number;
  readonly lossUnrealised: number;
  readonly spanMargin: number;
  readonly exposureMargin: number;
  readonly cashMargin: number;
  readonly premium: number;
  readonly deliveryMargin: number;
  readonly mtf: number;
  readonly pledgedEquity: number;
  readonly pledgedMutualFunds: number;
  readonly pledgeSpanExposure: number;
  readonly profitToday: number;
  readonly profitEarlier: number;
}

export function readLedger(text: string): UpstoxLedger {
  return JSON.parse(text) as UpstoxLedger;
}

/** Paise do not survive binary floats on their own: every sum is rounded to them. */
function rupees(...amounts: number[]): number {
  return Math.round(amounts.reduce((sum, amount) => sum + amount, 0) * 100) / 100;
}

function cashMarginUsed(ledger: UpstoxLedger) {
  const loss = rupees(ledger.lossRealised, ledger.lossUnrealised);
  const spanExposure = rupees(ledger.spanMargin, ledger.exposureMargin);
  return {
    total: rupees(ledger.mtf, loss, spanExposure, ledger.cashMargin, ledger.premium, ledger.deliveryMargin),
    mtf: ledger.mtf,
    loss: { total: loss, realised: ledger.lossRealised, unrealised: ledger.lossUnrealised },
    span_exposure: spanExposure,
    cash_margin_var_elm: ledger.cashMargin,
    premium_present: ledger.premium,
    delivery_margin: { total: ledger.deliveryMargin, equity: ledger.deliveryMargin, fo_settlement: 0 },
  };
}

/** `data` of the v3 API; the sums are those that hold in the documented sample. @see protocol/upstox.md 7.2 */
export function fundsV3(ledger: UpstoxLedger) {
  const cashUsed = cashMarginUsed(ledger);
  const cashTotal = rupees(
    ledger.openingBalance,
    ledger.addedToday,
    ledger.withdrawnToday,
    ledger.stockSale,
    -ledger.unpaidCharges,
    -cashUsed.total,
  );
  const pledged = rupees(ledger.pledgedEquity, ledger.pledgedMutualFunds);
  const pledgeTotal = rupees(pledged, -ledger.pledgeSpanExposure);
  return {
    available_to_trade: {
      total: rupees(cashTotal, pledgeTotal),
      cash_available_to_trade: {
        total: cashTotal,
        cash: {
          opening_balance: ledger.openingBalance,
          added_today: ledger.addedToday,
          withdrawn_today: ledger.withdrawnToday,
          amount_from_stock_sale: ledger.stockSale,
          unpaid_charges: ledger.unpaidCharges,
        },
        margin_used: cashUsed,
      },
      pledge_available_to_trade: {
        total: pledgeTotal,
        margin_from_pledge: {
          total: pledged,
          equity: ledger.pledgedEquity,
          mutual_funds: ledger.pledgedMutualFunds,
        },
        margin_used: {
          total: ledger.pledgeSpanExposure,
          mtf: 0,
          span_exposure: ledger.pledgeSpanExposure,
          cash_margin_var_elm: 0,
          premium_present: 0,
          delivery_margin: { total: 0, equity: 0, fo_settlement: 0 },
        },
      },
    },
    unavailable_to_trade: {
      cash_unavailable_to_trade: {
        unsettled_profit: { todays_profit: ledger.profitToday, previous_days: ledger.profitEarlier },
      },
      pledge_unavailable_to_trade: { equity: 0, mutual_funds: 0 },
    },
  };
}

const EMPTY_SEGMENT: UpstoxSegmentFunds = {
  used_margin: 0,
  payin_amount: 0,
  span_margin: 0,
  adhoc_margin: 0,
  notional_cash: 0,
  available_margin: 0,
  exposure_margin: 0,
};

export type FundsSegment = "SEC" | "COM";

/**
 * `data` of the v2 API. Since 2025-07-19 `equity` holds the combined funds and `commodity` is all zeros; naming a
 * segment leaves only that one. @see protocol/upstox.md 7.1
 */
export function fundsV2(
  ledger: UpstoxLedger,
  segment: FundsSegment | undefined,
): { equity?: UpstoxSegmentFunds; commodity?: UpstoxSegmentFunds } {
  const v3 = fundsV3(ledger).available_to_trade;
  const equity: UpstoxSegmentFunds = {
    used_margin: rupees(v3.cash_available_to_trade.margin_used.total, v3.pledge_available_to_trade.margin_used.total),
    payin_amount: ledger.addedToday,
    span_margin: ledger.spanMargin,
    adhoc_margin: 0,
    notional_cash: 0,
    available_margin: v3.total,
    exposure_margin: ledger.exposureMargin,
  };
  return {
    ...(segment === "COM" ? {} : { equity }),
    ...(segment === "SEC" ? {} : { commodity: EMPTY_SEGMENT }),
  };
}
