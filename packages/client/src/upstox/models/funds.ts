/**
 * Models of the two funds operations. Every amount is in rupees.
 */
import { Model } from "../../model.ts";
import { statusEnum } from "./login.ts";

/** Funds of one segment. */
export class UserFundMarginData extends Model {
  /** Positive: blocked in open orders and positions; negative: being released. */
  declare usedMargin: number;
  /** Instant pay-in. */
  declare payinAmount: number;
  /** SPAN block on F&O. */
  declare spanMargin: number;
  /** Pay-in credited by hand. */
  declare adhocMargin: number;
  /** Kept for withdrawal. */
  declare notionalCash: number;
  /** Available for trading. */
  declare availableMargin: number;
  /** Exposure block on F&O. */
  declare exposureMargin: number;
}

/** By segment: `equity` (both segments' money since 2025-07-19) and `commodity` (all zeros since then). */
export interface FundsBySegment {
  equity?: UserFundMarginData;
  commodity?: UserFundMarginData;
  [segment: string]: UserFundMarginData | undefined;
}

export class GetUserFundMarginResponse extends Model {
  static readonly StatusEnum = statusEnum;
  static override readonly nested = { data: { mapOf: UserFundMarginData } };

  declare status: string;
  declare data: FundsBySegment;
}

export class DeliveryMargin extends Model {
  declare total: number;
  declare equity: number;
  declare foSettlement: number;
}

export class Loss extends Model {
  declare total: number;
  declare realised: number;
  declare unrealised: number;
}

export class PledgeMarginUsed extends Model {
  static override readonly nested = { deliveryMargin: DeliveryMargin };

  declare total: number;
  declare mtf: number;
  declare spanExposure: number;
  declare cashMarginVarElm: number;
  declare premiumPresent: number;
  declare deliveryMargin: DeliveryMargin;
}

export class CashMarginUsed extends Model {
  static override readonly nested = { loss: Loss, deliveryMargin: DeliveryMargin };

  declare total: number;
  declare mtf: number;
  declare loss: Loss;
  declare spanExposure: number;
  declare cashMarginVarElm: number;
  declare premiumPresent: number;
  declare deliveryMargin: DeliveryMargin;
}

export class CashBreakdown extends Model {
  declare openingBalance: number;
  declare addedToday: number;
  /** Negative when money left the account. */
  declare withdrawnToday: number;
  declare amountFromStockSale: number;
  declare unpaidCharges: number;
}

export class CashAvailableToTrade extends Model {
  static override readonly nested = { cash: CashBreakdown, marginUsed: CashMarginUsed };

  declare total: number;
  declare cash: CashBreakdown;
  declare marginUsed: CashMarginUsed;
}

export class MarginFromPledge extends Model {
  declare total: number;
  declare equity: number;
  declare mutualFunds: number;
}

export class PledgeAvailableToTrade extends Model {
  static override readonly nested = { marginFromPledge: MarginFromPledge, marginUsed: PledgeMarginUsed };

  /** In documented bodies; the official SDKs drop it. */
  declare total?: number;
  declare marginFromPledge: MarginFromPledge;
  declare marginUsed: PledgeMarginUsed;
}

export class AvailableToTrade extends Model {
  static override readonly nested = {
    cashAvailableToTrade: CashAvailableToTrade,
    pledgeAvailableToTrade: PledgeAvailableToTrade,
  };

  declare total: number;
  declare cashAvailableToTrade: CashAvailableToTrade;
  declare pledgeAvailableToTrade: PledgeAvailableToTrade;
}

export class UnsettledProfit extends Model {
  declare todaysProfit: number;
  declare previousDays: number;
}

export class CashUnavailableToTrade extends Model {
  static override readonly nested = { unsettledProfit: UnsettledProfit };

  declare unsettledProfit: UnsettledProfit;
}

export class PledgeUnavailableToTrade extends Model {
  declare equity: number;
  declare mutualFunds: number;
}

export class UnavailableToTrade extends Model {
  static override readonly nested = {
    cashUnavailableToTrade: CashUnavailableToTrade,
    pledgeUnavailableToTrade: PledgeUnavailableToTrade,
  };

  declare cashUnavailableToTrade: CashUnavailableToTrade;
  declare pledgeUnavailableToTrade: PledgeUnavailableToTrade;
}

export class UserFundMarginV3Data extends Model {
  static override readonly nested = { availableToTrade: AvailableToTrade, unavailableToTrade: UnavailableToTrade };

  declare availableToTrade: AvailableToTrade;
  declare unavailableToTrade: UnavailableToTrade;
}

export class GetUserFundMarginV3Response extends Model {
  static override readonly nested = { data: UserFundMarginV3Data };

  declare status: string;
  declare data: UserFundMarginV3Data;
}
