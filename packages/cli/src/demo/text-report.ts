import { exploreText } from "../serve/ready-text.ts";
import { alignFacts } from "../terminal/facts.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";
import type { DemoInvitation, DemoPeople, DemoReport } from "./demo-report.ts";

/** Room for the longest step title, so that details stand below each other while steps arrive one by one. */
const TITLE_WIDTH = 26;
const CUSTOMERS_SHOWN = 3;

/** `kunji demo` for people: each thing is printed when it happens. */
export function createTextReport(style: Style, write: (text: string) => void): DemoReport {
  const block = (heading: string, body: string) => write(`\n  ${style.bold(heading)}\n${body}\n`);
  let afterBlock = false;
  return {
    start(headline, notice) {
      write(`\n  ${style.bold("Kunji demo")}  ${style.dim(headline)}\n\n`);
      if (notice) write(`  ${style.yellow(notice)}\n\n`);
    },
    step({ title, detail }) {
      const gap = afterBlock ? "\n" : "";
      afterBlock = false;
      write(`${gap}  ${style.green("✓")} ${`${title.padEnd(TITLE_WIDTH)} ${style.dim(detail ?? "")}`.trimEnd()}\n`);
    },
    invite(invitation) {
      block("Your turn: log in in the browser", invitationText(invitation, style));
      write(`\n  ${style.dim("Waiting for you, at most five minutes. Ctrl-C ends the demo.")}\n\n`);
    },
    show({ title, text }) {
      block(title, text(style));
      afterBlock = true;
    },
    end(explore) {
      if (explore) {
        block(`The broker stays up`, exploreText(explore.url, true, style).replaceAll(/^/gm, "  "));
        block("Log in as", peopleText(explore.people, style));
        write(`\n  ${style.dim("Ctrl-C stops it and removes its data.")}\n\n`);
      } else {
        write(`\n  ${style.dim("Done. The broker is stopped and its data removed.")}\n\n`);
      }
    },
  };
}

function invitationText({ dialogUrl, facts }: DemoInvitation, style: Style): string {
  // The address stands alone on its line: a terminal that wraps it must not put spaces into a copy of it.
  return `${alignFacts(facts(style), style, 4)}\n\n    ${style.dim("If no browser opened, open this yourself:")}\n${style.cyan(dialogUrl)}`;
}

function peopleText({ columns, rows }: DemoPeople, style: Style): string {
  return alignColumns([columns.map(style.dim), ...rows.slice(0, CUSTOMERS_SHOWN)], { indent: 4 });
}
