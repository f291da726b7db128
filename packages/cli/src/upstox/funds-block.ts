import type { UpstoxClient } from "@kunji/client";
import type { Block } from "../block.ts";
import { istIso, istMoment } from "../terminal/ist-time.ts";
import { rupees } from "../terminal/rupees.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";

export function fundsBlock(funds: UpstoxClient.UserFundMarginV3Data): Block {
  return { name: "funds", title: "Funds", data: funds, text: (style) => fundsTable(funds, style) };
}

/** The service is closed for the night: that is an answer to show, not a failure. */
export function closedBlock({ status, code = "", reopensAt }: UpstoxClient.ClosedForTheNightException): Block {
  return {
    name: "funds",
    title: "Funds",
    data: { closed: status, code, reopensAt: istIso(reopensAt) },
    text: (style) =>
      [
        `    ${style.yellow(`Closed for the night (${status} ${code}).`)}`,
        `    Upstox shows funds from 05:30 to 24:00 IST only.`,
        `    It opens ${istMoment(reopensAt)}.`,
      ].join("\n"),
  };
}

/** The funds of an account as a small table: what can be traded with, and what it is made of. */
function fundsTable({ availableToTrade }: UpstoxClient.UserFundMarginV3Data, style: Style): string {
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
