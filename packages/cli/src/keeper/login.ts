import { openBrowser, otherDeviceHint, qrCode, type Session } from "@kunji/keeper";
import type { AccountFlags } from "../commands/account-options.ts";
import { canAskPerson } from "../terminal/browser-here.ts";
import { alignFacts } from "../terminal/facts.ts";
import { istMoment, timeLeft } from "../terminal/ist-time.ts";
import { sessionFacts } from "./session-facts.ts";
import { terminalPerson } from "./terminal-person.ts";
import { type KeeperCommand, withKeeper } from "./with-keeper.ts";

export interface LoginFlags extends AccountFlags {
  readonly force?: true;
  /** False with `--no-browser`. */
  readonly browser: boolean;
  readonly qr?: true;
}

/** A code of some thirty rows, and what is written beneath it. */
const ROWS_FOR_QR = 45;

/** Logs an account in, unless it is, and says until when. */
export async function login(broker: string, flags: LoginFlags): Promise<void> {
  await withKeeper(async (command) => {
    const { keeper, terminal } = command;
    const { account } = flags;
    const before = flags.force ? undefined : await livingSession(command, broker, account);
    const session = before ?? (await logIn(command, broker, flags));
    const facts = sessionFacts(session, Date.now());
    if (flags.json) {
      terminal.print(JSON.stringify(facts));
      return;
    }
    const { style } = terminal;
    const title = keeper.brokers.find(({ name }) => name === broker)?.title ?? broker;
    const headline = before ? `Already logged in to ${title}` : `Logged in to ${title}`;
    const user = facts.userName === undefined ? facts.userId : `${facts.userId}, ${facts.userName}`;
    const rows = [
      ["User", user],
      ["Valid until", `${istMoment(facts.expiresAt)}, ${style.yellow(`${timeLeft(facts.secondsLeft)} left`)}`],
      ["Use it", `kunji token ${broker}${account === "default" ? "" : ` --account ${account}`}`],
    ];
    terminal.print(`${style.green("✓")} ${style.bold(headline)}\n${alignFacts(rows, style, 2)}`);
  });
}

/** @returns undefined when a login is needed; any other trouble is thrown */
async function livingSession({ keeper }: KeeperCommand, broker: string, account: string): Promise<Session | undefined> {
  const profile = await keeper.accounts.load({ broker, account });
  const status = (await keeper.status()).find((one) => one.broker === broker && one.account === profile.account);
  // Asking for the session would log a TOTP account in, or wait for somebody.
  return status?.state === "valid" || status?.state === "expiring"
    ? await keeper.session(broker, { account })
    : undefined;
}

async function logIn({ keeper, terminal, signal }: KeeperCommand, broker: string, flags: LoginFlags): Promise<Session> {
  const { account } = flags;
  const hasBrowser = flags.browser && canAskPerson(process);
  const wantsQr = flags.qr === true || (terminal.canAsk && !hasBrowser && terminal.rows >= ROWS_FOR_QR);
  const person = terminalPerson({
    progress: terminal.progress,
    style: terminal.noteStyle,
    columns: terminal.columns,
    openBrowser: hasBrowser ? (url) => void openBrowser(url) : undefined,
    qrCode: wantsQr ? (url) => qrCode(url, terminal.columns) : undefined,
    input: terminal.canAsk ? process.stdin : undefined,
    otherDeviceHint,
    now: Date.now,
  });
  // By itself a login may wait half a minute for the next one-time code.
  terminal.progress.say("Logging in");
  try {
    return await keeper.login(broker, { account, person, signal });
  } finally {
    person.done();
  }
}
