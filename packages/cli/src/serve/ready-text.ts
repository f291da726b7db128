import type { DemoData, RunningBroker } from "@kunji/broker";
import { alignFacts } from "../terminal/facts.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";

const CUSTOMERS_SHOWN = 3;

/** What a person reads when the broker is ready. */
export function readyText({ url, demo }: Pick<RunningBroker, "url" | "demo">, style: Style): string {
  const blocks = [
    `${style.bold("Kunji broker")} at ${style.cyan(url)}`,
    exploreText(url, demo !== undefined, style),
    ...(demo ? [...upstoxBlocks(demo, style), ...tradejiniBlocks(demo, style)] : []),
    style.dim("Ctrl-C stops it."),
  ];
  return `\n${joinBlocks(blocks)}\n\n`;
}

function upstoxBlocks({ upstox: { app, customers } }: DemoData, style: Style): string[] {
  return [
    style.bold("Upstox demo app"),
    alignFacts(
      [
        ["Client id", app.clientId],
        ["Client secret", app.clientSecret],
        ["Redirect URI", app.redirectUri],
        ["Notifier URL", app.notifierUrl],
      ],
      style,
      2,
    ),
    ...customerBlocks(
      "Upstox",
      ["User id", "Mobile number", "PIN", "TOTP secret"],
      customers.map(({ userId, mobileNumber, pin, totpSecret }) => [userId, mobileNumber, pin, totpSecret]),
      style,
    ),
  ];
}

function tradejiniBlocks({ tradejini: { individualApp, userApp, customers } }: DemoData, style: Style): string[] {
  return [
    style.bold("Tradejini demo app for any customer"),
    alignFacts(
      [
        ["API key", userApp.clientId],
        ["API secret", userApp.clientSecret],
        ["Redirect URI", userApp.redirectUri],
      ],
      style,
      2,
    ),
    style.bold(`Tradejini individual app of ${individualApp.clientCode}`),
    alignFacts([["API key", individualApp.clientId]], style, 2),
    ...customerBlocks(
      "Tradejini",
      ["Client code", "Password", "TOTP secret"],
      customers.map(({ clientCode, password, totpSecret }) => [clientCode, password, totpSecret]),
      style,
    ),
  ];
}

function customerBlocks(
  broker: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): string[] {
  const shown = rows.slice(0, CUSTOMERS_SHOWN);
  const heading =
    rows.length > shown.length
      ? `${broker} customers, the first ${shown.length} of ${rows.length} (all with --json)`
      : `${broker} customers`;
  return [style.bold(heading), alignColumns([columns.map(style.dim), ...shown], { indent: 2 })];
}

/** Addresses worth opening. */
export function exploreText(url: string, isDemo: boolean, style: Style): string {
  const rows = [
    ["Start page", `${url}/`],
    ["API reference", `${url}/docs`],
    ...(isDemo ? [["Inbox", `${url}/inbox`, style.dim('the SMS and push messages it "sent"')]] : []),
    ["Account", `${url}/account`, style.dim("approvals, authenticator app")],
    ["Health", `${url}/health/ready`],
  ];
  return alignFacts(rows, style, 2);
}

/** A heading stands right above its block, blocks are a line apart. */
function joinBlocks(blocks: readonly string[]): string {
  return blocks
    .map((block, index) => (block.startsWith("  ") && index > 1 ? block : `\n${block}`))
    .join("\n")
    .trimStart();
}
