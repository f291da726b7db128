import type { TradejiniClient } from "@kunji/client";
import { alignFacts } from "../../terminal/facts.ts";
import type { DemoBlock } from "../demo-report.ts";

export function detailsBlock(details: TradejiniClient.ClientDetailsData): DemoBlock {
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
