import type { UpstoxClient } from "@kunji/client";
import { alignFacts } from "../../terminal/facts.ts";
import type { DemoBlock } from "../demo-report.ts";

export function profileBlock(profile: UpstoxClient.ProfileData): DemoBlock {
  const rows = [
    ["Name", profile.userName],
    ["E-mail", profile.email],
    ["Broker", profile.broker],
    ["Account", `${profile.userType}, ${profile.isActive ? "active" : "not active"}`],
    ["Exchanges", profile.exchanges.join(" ")],
    ["Products", profile.products.join(" ")],
    ["Order types", profile.orderTypes.join(" ")],
  ];
  return { name: "profile", title: "Profile", data: profile, text: (style) => alignFacts(rows, style, 4) };
}
