import { type Command, InvalidArgumentError } from "commander";

/** `kunji keep`: the keeper as a service. */
export function addKeepCommand(program: Command): void {
  program
    .command("keep")
    .description("Keep all your accounts logged in: tokens for every program, a daily login, a dashboard.")
    .option("--port <number>", "loopback port of dashboard and API; 0 takes a free one", port, 7474)
    .option("--webhook-port <number>", "loopback port that approved tokens are posted to", port, 7476)
    .option("--at <time>", "when to log in, IST: HH:MM on weekdays, or a cron pattern of five fields", "08:30")
    .option("--until <time>", "after this nobody is asked any more that day, IST", "11:30")
    .option("--retry-minutes <number>", "minutes between two requests, at least 12", wholeNumber, 15)
    .option("--no-schedule", "never log in by itself")
    .option("--notify-command <words...>", "a program to run when you are needed; no shell in between")
    .option("--expiring-minutes <number>", "how long before a token's end to say so", wholeNumber, 15)
    .option("--json", "print one line of JSON when ready")
    .addHelpText(
      "after",
      `
KUNJI_NOTIFY_URL gets a POST of JSON when you are needed; it is in no option, since it may be a secret.
Logs go to stderr, one line of JSON each. Open the dashboard with kunji dashboard.`,
    )
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji keep --help.")
    .action(async (flags: import("../keeper/keep.ts").KeepFlags) => {
      const { keep } = await import("../keeper/keep.ts");
      await keep(flags);
    });
}

/** `kunji dashboard`: a link into the running service's page. */
export function addDashboardCommand(program: Command): void {
  program
    .command("dashboard")
    .description("Open the dashboard of the running kunji keep.")
    .option("--no-browser", "print the link instead; it lets one browser in, once")
    .allowExcessArguments(false)
    .action(async (flags: { browser: boolean }) => {
      const { dashboard } = await import("../keeper/dashboard.ts");
      await dashboard(flags);
    });
}

function wholeNumber(text: string): number {
  if (/^[0-9]{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function port(text: string): number {
  const value = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 65_535) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}
