import type { UpstoxClient } from "@kunji/client";
import { exploreText } from "../serve/ready-text.ts";
import { istMoment, timeLeft } from "../terminal/ist-time.ts";
import { shortenToken } from "../terminal/shorten-token.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";
import type { DemoFunds, DemoInvitation, DemoReport, DemoSession } from "./demo-report.ts";
import { fundsTable } from "./funds-table.ts";

/** Room for the longest step title, so that details stand below each other while steps arrive one by one. */
const TITLE_WIDTH = 26;
const CUSTOMERS_SHOWN = 3;

/** `kunji demo` for people: each thing is printed when it happens. */
export function createTextReport(style: Style, write: (text: string) => void): DemoReport {
  const block = (heading: string, body: string) => write(`\n  ${style.bold(heading)}\n${body}\n`);
  const facts = (rows: readonly (readonly string[])[]) =>
    alignColumns(
      rows.map(([name = "", ...rest]) => [style.dim(name), ...rest]),
      { indent: 4 },
    );
  let afterBlock = false;
  return {
    start(text, notice) {
      write(`\n  ${style.bold("Kunji demo")}  ${style.dim(text)}\n\n`);
      if (notice) write(`  ${style.yellow(notice)}\n\n`);
    },
    step({ title, detail }) {
      const gap = afterBlock ? "\n" : "";
      afterBlock = false;
      write(`${gap}  ${style.green("✓")} ${`${title.padEnd(TITLE_WIDTH)} ${style.dim(detail ?? "")}`.trimEnd()}\n`);
    },
    invite(invitation) {
      block("Your turn: log in in the browser", invitationText(invitation, style, facts));
      write(`\n  ${style.dim("Waiting for you, at most five minutes. Ctrl-C ends the demo.")}\n\n`);
    },
    session(session) {
      block("Session", facts(sessionRows(session, style)));
      afterBlock = true;
    },
    profile(profile) {
      block("Profile", facts(profileRows(profile)));
      afterBlock = true;
    },
    funds(funds) {
      block("Funds", funds.open ? fundsTable(funds.data, style) : closedText(funds, style));
      afterBlock = true;
    },
    end(explore) {
      if (explore) {
        block(`The broker stays up`, exploreText(explore.url, true, style).replaceAll(/^/gm, "  "));
        const customers = explore.customers.slice(0, CUSTOMERS_SHOWN);
        block(
          "Log in as",
          alignColumns(
            [
              ["Name", "Mobile number", "PIN"].map(style.dim),
              ...customers.map(({ userName, mobileNumber, pin }) => [userName, mobileNumber, pin]),
            ],
            { indent: 4 },
          ),
        );
        write(`\n  ${style.dim("Ctrl-C stops it and removes its data.")}\n\n`);
      } else {
        write(`\n  ${style.dim("Done. The broker is stopped and its data removed.")}\n\n`);
      }
    },
  };
}

function invitationText(
  { dialogUrl, inboxUrl, mobileNumber, pin }: DemoInvitation,
  style: Style,
  facts: (rows: readonly (readonly string[])[]) => string,
): string {
  const rows = [
    ["Mobile number", style.bold(mobileNumber)],
    ["Code", `in the inbox, ${style.cyan(inboxUrl)}`],
    ["PIN", style.bold(pin)],
  ];
  // The address stands alone on its line: a terminal that wraps it must not put spaces into a copy of it.
  return `${facts(rows)}\n\n    ${style.dim("If no browser opened, open this yourself:")}\n${style.cyan(dialogUrl)}`;
}

function sessionRows(session: DemoSession, style: Style): string[][] {
  return [
    ["User", `${session.userId}, ${session.userName}`],
    ["Access token", shortenToken(session.accessToken)],
    ["Valid until", `${istMoment(session.expiresAt)}, ${style.yellow(`${timeLeft(session.secondsLeft)} left`)}`],
  ];
}

function profileRows(profile: UpstoxClient.ProfileData): string[][] {
  return [
    ["Name", profile.userName],
    ["E-mail", profile.email],
    ["Broker", profile.broker],
    ["Account", `${profile.userType}, ${profile.isActive ? "active" : "not active"}`],
    ["Exchanges", profile.exchanges.join(" ")],
    ["Products", profile.products.join(" ")],
    ["Order types", profile.orderTypes.join(" ")],
  ];
}

function closedText(funds: Extract<DemoFunds, { open: false }>, style: Style): string {
  return [
    `    ${style.yellow(`Closed for the night (${funds.status} ${funds.code}).`)}`,
    `    Upstox shows funds from 05:30 to 24:00 IST only, and so does this broker.`,
    `    It opens ${istMoment(funds.reopensAt)}.`,
  ].join("\n");
}
