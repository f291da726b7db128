import type { UpstoxClient } from "@kunji/client";
import type { Block } from "../block.ts";
import { alignFacts } from "../terminal/facts.ts";

export function profileBlock(profile: UpstoxClient.ProfileData): Block {
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
