import { createState } from "@kunji/client";
import type { AccountProblem, AccountProfile, Keeper, ListedAccount } from "@kunji/keeper";
import { CommandError, exitCodes } from "../command-error.ts";
import { viewsOf } from "../keeper/account-views.ts";
import { requireBroker } from "../keeper/require-broker.ts";
import { type KeeperCommand, withKeeper } from "../keeper/with-keeper.ts";
import { nodeSupportNotice } from "../node-support.ts";
import { timeLeft } from "../terminal/ist-time.ts";
import type { Style } from "../terminal/style.ts";
import { bad, type Finding, ok, skipped, warn } from "./finding.ts";
import { checkPublicIp } from "./public-ip.ts";
import { checkReachability } from "./reachability.ts";
import { checkPort, checkRedirectUri } from "./redirect-uri.ts";
import { checkRegistration } from "./registration.ts";
import { tokenProblem } from "./token-problem.ts";

export interface DoctorFlags {
  readonly account?: string;
  readonly publicIpFrom?: string;
  readonly json?: true;
}

interface Section {
  /** `This machine`, or a broker and the place of the account in the list: its name is the owner's own. */
  readonly about: string;
  readonly findings: readonly Finding[];
}

/**
 * Looks at everything a login needs and says what is wrong. Its text holds no key, user id, address or account name.
 * @throws CommandError when something would make a login fail
 */
export async function doctor(broker: string | undefined, flags: DoctorFlags): Promise<void> {
  const sections: Section[] = [];
  const vault = await tryVault(async (command) => {
    sections.push({
      about: "This machine",
      findings: [checkNode(), ok("vault", "The vault opens, and is yours alone.")],
    });
    const accounts = await chosenAccounts(command.keeper, broker, flags.account);
    if (accounts.length === 0) sections.push({ about: "Accounts", findings: [skipped("accounts", NO_ACCOUNT)] });
    for (const [index, { broker: name, profile, problem }] of accounts.entries()) {
      const title = command.keeper.brokers.find((one) => one.name === name)?.title ?? name;
      command.terminal.progress.say(`Looking at ${title}`);
      sections.push({
        about: `${title}, account ${index + 1}`,
        findings: profile && !problem ? await checkAccount(command, profile, title, flags) : [unusable(problem)],
      });
    }
    command.terminal.progress.stop();
    report(sections, command, flags.json === true);
  });
  if (vault) {
    const findings = [checkNode(), vault];
    const { systemTerminal } = await import("../keeper/terminal.ts");
    report([{ about: "This machine", findings }], { terminal: systemTerminal() }, flags.json === true);
    sections.push({ about: "This machine", findings });
  }
  const problems = sections.flatMap(({ findings }) => findings).filter(({ state }) => state === "bad").length;
  if (problems > 0) {
    throw new CommandError(
      exitCodes.failed,
      problems === 1 ? "1 thing would make a login fail." : `${problems} things would make a login fail.`,
    );
  }
}

/** @returns what is wrong with the vault; undefined when the work was done */
async function tryVault(work: (command: KeeperCommand) => Promise<void>): Promise<Finding | undefined> {
  let isOpen = false;
  try {
    await withKeeper(async (command) => {
      isOpen = true;
      await work(command);
    });
    return undefined;
  } catch (error) {
    if (isOpen || !(error instanceof CommandError) || error.exitCode !== exitCodes.failed) throw error;
    // Its message names the folder, and with it the person: only the kind of trouble is for everybody's eyes.
    const code = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : "";
    return bad("vault", `The vault does not open${code ? ` (${code})` : ""}.`, "Run: kunji vault list");
  }
}

function checkNode(): Finding {
  const notice = nodeSupportNotice(process.versions.node, Date.now());
  return notice ? warn("node", notice) : ok("node", `Node ${process.versions.node}.`);
}

/** Its message names the account: only the kind of trouble is for everybody's eyes. */
function unusable(problem: AccountProblem | undefined): Finding {
  return bad("account", `This version can do nothing with it (${problem?.code}).`, problem?.nextStep);
}

const NO_ACCOUNT = "No account yet. Add one: kunji accounts add upstox";

/** @returns none when none was asked for and there is none */
async function chosenAccounts(
  keeper: Keeper,
  broker: string | undefined,
  account: string | undefined,
): Promise<ListedAccount[]> {
  if (broker !== undefined) requireBroker(keeper, broker);
  const all = await keeper.accounts.listAll();
  const chosen = all.filter((one) => (broker ?? one.broker) === one.broker && (account ?? one.account) === one.account);
  if (chosen.length > 0 || (broker ?? account) === undefined) return chosen;
  throw new CommandError(
    exitCodes.usedWrongly,
    `There is no such account. Add one: kunji accounts add ${broker ?? "upstox"}`,
  );
}

async function checkAccount(
  command: KeeperCommand,
  profile: AccountProfile,
  title: string,
  flags: DoctorFlags,
): Promise<Finding[]> {
  const { keeper } = command;
  const { host, loginUrl } = keeper.whereabouts(profile);
  if (!isHost(loginUrl)) {
    const next = "Look at the account's host, and at the KUNJI_*_URL variables if you set any.";
    return [bad("reachable", `The address of ${title} is neither https nor on this machine.`, next)];
  }
  const { findings, isReachable } = await checkReachability(title, host, { fetch, now: Date.now });
  const ports = await checkPorts(profile);
  if (!isReachable) return [...findings, ...ports];
  const registration = await checkRegistration(profile, loginUrl, title, fetch);
  const [session, ips] = await checkSession(command, profile, flags);
  return [...findings, ...ports, ...registration, session, ...ips];
}

/** Whether requests may go to the broker's address: the client makes no URL of another one (S-72). */
function isHost(loginUrl: (state: string) => string): boolean {
  try {
    return URL.canParse(loginUrl(createState()));
  } catch {
    return false;
  }
}

async function checkPorts({ way, redirectUri }: AccountProfile): Promise<Finding[]> {
  if (way === "browser" && redirectUri !== undefined) return await checkRedirectUri(redirectUri);
  if (way !== "approval") return [];
  const { DEFAULT_WEBHOOK_PORT } = await import("@kunji/keeper");
  return [await checkPort("webhook-port", DEFAULT_WEBHOOK_PORT)];
}

async function checkSession(
  { keeper, signal }: KeeperCommand,
  { broker, account }: AccountProfile,
  { publicIpFrom }: DoctorFlags,
): Promise<[Finding, Finding[]]> {
  const status = (await keeper.status()).find((one) => one.broker === broker && one.account === account);
  if (status?.problem) return [unusable(status.problem), []];
  if (status?.state !== "valid" && status?.state !== "expiring") {
    return [skipped("session", "Nobody is logged in: nothing of the account itself could be looked at."), []];
  }
  const views = await viewsOf(broker);
  try {
    await views.profile(keeper, account, signal);
  } catch (error) {
    signal.throwIfAborted();
    return [tokenProblem(error, broker), []];
  }
  const registered = await views.registeredIps?.(keeper, account, signal).catch(() => undefined);
  const ips = views.registeredIps ? [await checkPublicIp(registered, publicIpFrom, fetch)] : [];
  return [ok("session", `The token works, for ${timeLeft(status.secondsLeft)} more.`), ips];
}

function report(sections: readonly Section[], { terminal }: Pick<KeeperCommand, "terminal">, json: boolean): void {
  if (json) terminal.print(JSON.stringify({ sections }));
  else terminal.print(sections.map((section) => sectionText(section, terminal.style)).join("\n\n"));
}

function sectionText({ about, findings }: Section, style: Style): string {
  const marks = { ok: style.green("✓"), warn: style.yellow("!"), bad: style.red("✗"), skipped: style.dim("-") };
  const lines = findings.flatMap(({ state, text, nextStep }) => [
    `  ${marks[state]} ${state === "skipped" ? style.dim(text) : text}`,
    ...(nextStep === undefined ? [] : [`    ${style.dim(nextStep)}`]),
  ]);
  return [style.bold(about), ...lines].join("\n");
}
