import type { RunningBroker } from "@kunji/broker";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";

const CUSTOMERS_SHOWN = 3;

/** What a person reads when the broker is ready. */
export function readyText({ url, demo }: Pick<RunningBroker, "url" | "demo">, style: Style): string {
  const blocks = [`${style.bold("Kunji broker")} at ${style.cyan(url)}`, exploreText(url, demo !== undefined, style)];
  if (demo) {
    const { app, customers } = demo.upstox;
    const shown = customers.slice(0, CUSTOMERS_SHOWN);
    blocks.push(
      style.bold("Upstox demo app"),
      alignColumns(
        [
          [style.dim("Client id"), app.clientId],
          [style.dim("Client secret"), app.clientSecret],
          [style.dim("Redirect URI"), app.redirectUri],
          [style.dim("Notifier URL"), app.notifierUrl],
        ],
        { indent: 2 },
      ),
      style.bold(
        customers.length > shown.length
          ? `Upstox customers, the first ${shown.length} of ${customers.length} (all with --json)`
          : "Upstox customers",
      ),
      alignColumns(
        [
          ["User id", "Mobile number", "PIN", "TOTP secret"].map(style.dim),
          ...shown.map(({ userId, mobileNumber, pin, totpSecret }) => [userId, mobileNumber, pin, totpSecret]),
        ],
        { indent: 2 },
      ),
    );
  }
  blocks.push(style.dim("Ctrl-C stops it."));
  return `\n${joinBlocks(blocks)}\n\n`;
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
  return alignColumns(
    rows.map(([name = "", address = "", ...rest]) => [style.dim(name), address, ...rest]),
    { indent: 2 },
  );
}

/** A heading stands right above its block, blocks are a line apart. */
function joinBlocks(blocks: readonly string[]): string {
  return blocks
    .map((block, index) => (block.startsWith("  ") && index > 1 ? block : `\n${block}`))
    .join("\n")
    .trimStart();
}
