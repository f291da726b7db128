import type { TradejiniClient } from "@kunji/client";
import type { Block } from "../block.ts";
import { rupees } from "../terminal/rupees.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";

export function limitsBlock(limits: readonly TradejiniClient.LimitData[]): Block {
  return { name: "funds", title: "Funds", data: limits, text: (style) => limitsTable(limits, style) };
}

/** A column per segment: what can be traded with, and what it is made of. */
function limitsTable(limits: readonly TradejiniClient.LimitData[], style: Style): string {
  const line = (label: string, amount: (limit: TradejiniClient.LimitData) => number | undefined) => [
    label,
    ...limits.map((limit) => rupees(amount(limit) ?? 0)),
  ];
  return alignColumns(
    [
      ["", ...limits.map(({ segment = "all segments" }) => style.dim(segment))],
      line("Total credits", ({ totalCredits }) => totalCredits),
      line("Margin used", ({ marginUsed }) => -(marginUsed ?? 0)),
      line("Available to trade", ({ availMargin }) => availMargin).map(style.bold),
    ],
    { indent: 4, right: limits.map((_, index) => index + 1) },
  );
}
