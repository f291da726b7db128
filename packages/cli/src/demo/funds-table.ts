import type { UpstoxClient } from "@kunji/client";
import { rupees } from "../terminal/rupees.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";

/** The funds of an account as a small table: what can be traded with, and what it is made of. */
export function fundsTable({ availableToTrade }: UpstoxClient.UserFundMarginV3Data, style: Style): string {
  const { cashAvailableToTrade: cash, pledgeAvailableToTrade: pledge } = availableToTrade;
  const pledgeTotal = pledge.total ?? pledge.marginFromPledge.total - pledge.marginUsed.total;
  const parts: [label: string, amount: number][] = [
    ["Opening balance", cash.cash.openingBalance],
    ["Added today", cash.cash.addedToday],
    ["Withdrawn today", cash.cash.withdrawnToday],
    ["From stock sale", cash.cash.amountFromStockSale],
    ["Margin used", -cash.marginUsed.total],
  ];
  const line = (label: string, amount: number) => [label, rupees(amount)];
  return alignColumns(
    [
      line("Cash", cash.total),
      ...parts.map(([label, amount]) => line(style.dim(`  ${label}`), amount)),
      line("Pledged holdings", pledgeTotal),
      [style.bold("Available to trade"), style.bold(rupees(availableToTrade.total))],
    ],
    { indent: 4, right: [1] },
  );
}
