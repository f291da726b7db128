/**
 * Models of the funds operation. Every amount is in rupees.
 */
import { Model } from "../../model.ts";
import { withList } from "./list-in-envelope.ts";

/** Funds of one segment, or of all of them. */
export class LimitData extends Model {
  declare segment?: string;
  declare totalCredits?: number;
  /** `totalCredits` less `marginUsed`. */
  declare availMargin?: number;
  declare availCash?: number;
  declare payIn?: number;
  declare payOut?: number;
  declare unclearedCash?: number;
  declare dayCash?: number;
  declare adHocMargin?: number;
  declare brkCollatAmount?: number;
  declare stockCollateral?: number;
  declare auxCash?: number;
  declare auxCollatAmount?: number;
  declare auxUnclearedCash?: number;
  declare marginUsed?: number;
  declare peakMargin?: number;
  declare span?: number;
  declare exposure?: number;
  declare premium?: number;
  declare optionPremium?: number;
  declare optPremiumDerMarg?: number;
  declare brokerage?: number;
  declare brokerageDerivativesBO?: number;
  declare brokerageDerivativesMargin?: number;
  declare realizedPnl?: number;
  declare unrealizedPnL?: number;
  declare turnover?: number;
  declare turnOverLmt?: number;
  declare pendOrdValue?: number;
  declare pendOrdValLmt?: number;
}

export class RetrieveFundsLimits200Response extends Model {
  static override readonly nested = { d: { listOf: LimitData } };

  /** `ok`, or `no-data`. */
  declare s: string;
  /** One for each segment. The broker answers a list or a single object; here it is always a list. */
  declare d: LimitData[];
  declare msg?: string;
  #raw: unknown;

  /** `d` as the broker sent it: one object in its documents, a list in live use. */
  get raw(): unknown {
    return this.#raw;
  }

  protected override unfold(data: object): object {
    this.#raw = (data as { d?: unknown } | null)?.d;
    return withList(data);
  }
}
