import type { TradejiniClient } from "@kunji/client";
import type { Block } from "../block.ts";
import { alignFacts } from "../terminal/facts.ts";

export function detailsBlock(details: TradejiniClient.ClientDetailsData): Block {
  const { userName = "", mobile = "", email = "", bankDetails = [], segments = [], products = [] } = details;
  const rows = [
    ["Name", userName],
    ["Mobile", mobile],
    ["E-mail", email],
    ["Bank", bankDetails.map(({ bankName = "", accNo = "" }) => `${bankName} ${accNo}`).join(", ")],
    ["Segments", segments.join(" ")],
    ["Products", products.join(" ")],
  ];
  return { name: "profile", title: "Profile", data: details, text: (style) => alignFacts(rows, style, 4) };
}
