import {
  type AccountField,
  type BrokerInfo,
  DEFAULT_WEBHOOK_PORT,
  type Keeper,
  type LoginWay,
  type NewAccount,
  notifierAdvice,
} from "@kunji/keeper";
import { CommandError, exitCodes, usageError } from "../command-error.ts";
import { type Ask, openAsk } from "../terminal/ask.ts";
import { readSecrets } from "./read-secrets.ts";
import { requireBroker } from "./require-broker.ts";
import { withKeeper } from "./with-keeper.ts";

export interface AccountsAddFlags {
  readonly account: string;
  readonly way?: LoginWay;
  readonly clientId?: string;
  readonly redirectUri?: string;
  readonly userId?: string;
  readonly host?: string;
  readonly secretsStdin?: true;
  readonly storeFactors?: true;
  readonly replace?: true;
  readonly json?: true;
}

type Given = Readonly<Partial<Record<AccountField["name"], string>>>;

const DEFAULT_REDIRECT_URI = "http://127.0.0.1:7475/callback";

/** Adds an account: what was not given is asked for, secrets without echo. */
export async function addAccount(brokerName: string, flags: AccountsAddFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    const broker = requireBroker(keeper, brokerName);
    if (!flags.replace) await refuseSecond(keeper, brokerName, flags.account);
    const secrets = flags.secretsStdin ? await readSecrets(process.stdin) : {};
    const ask = terminal.canAsk && !flags.secretsStdin ? await openAsk() : undefined;
    const way = flags.way ?? (await askWay(broker, ask));
    const given: Given = { ...secrets, ...defined({ clientId: flags.clientId, redirectUri: flags.redirectUri }) };
    const fields = broker.fields.filter((field) => field.ways.includes(way));
    await allowFactors(fields, flags, ask);
    const answers = await askFields(fields, given, ask);
    const profile = await keeper.accounts.add({
      ...answers,
      broker: broker.name,
      account: flags.account,
      way,
      userId: flags.userId,
      host: flags.host,
      replace: flags.replace,
    } as NewAccount);

    const { broker: name, account, clientId, redirectUri, notifierKey } = profile;
    if (flags.json) {
      terminal.print(JSON.stringify({ broker: name, account, way, clientId, redirectUri }));
      return;
    }
    terminal.print(`${terminal.style.green("✓")} Added ${name}/${account}.`);
    if (notifierKey) {
      terminal.print(`\n${notifierAdvice({ title: broker.title, key: notifierKey, port: DEFAULT_WEBHOOK_PORT })}\n`);
    }
    const choice = account === "default" ? "" : ` --account ${account}`;
    terminal.print(`Log in: kunji login ${name}${choice}`);
  });
}

/** The keeper refuses it too, but only when everything has been typed. */
async function refuseSecond({ accounts }: Keeper, broker: string, account: string): Promise<void> {
  if ((await accounts.find({ broker, account })) === undefined) return;
  throw usageError([
    `There is an account ${broker}/${account} already. Choose another name with --account, or say --replace.`,
  ]);
}

async function askWay(broker: BrokerInfo, ask: Ask | undefined): Promise<LoginWay> {
  const [usual = "browser"] = broker.ways;
  if (!ask || broker.ways.length === 1) return usual;
  const choices = broker.ways.map((value) => ({ value, label: WAYS[value].label, hint: WAYS[value].hint }));
  return await ask.choice(`How do you log in to ${broker.title}?`, choices);
}

const WAYS: Readonly<Record<LoginWay, { readonly label: string; readonly hint: string }>> = {
  browser: { label: "In the browser", hint: "a click a day on this machine" },
  approval: { label: "By approval on the phone", hint: "needs a public address for the answer" },
  totp: { label: "By itself", hint: "individual apps; stores your PIN and TOTP secret, sealed" },
};

/** PIN and seed in one place are one factor: the owner has to want it (S-78). */
async function allowFactors(
  fields: readonly AccountField[],
  flags: AccountsAddFlags,
  ask: Ask | undefined,
): Promise<void> {
  if (flags.storeFactors || !fields.some(({ name }) => name === "totpSecret")) return;
  const question =
    "Store your PIN and TOTP secret, sealed with a key of their own? Whoever gets both can log in as you.";
  if (ask && (await ask.confirm(question))) return;
  throw new CommandError(
    exitCodes.usedWrongly,
    "This login needs your PIN and TOTP secret stored. Say --store-factors if you want that, or choose --way browser.",
  );
}

/** @throws CommandError with every field that is missing when nobody can be asked */
async function askFields(fields: readonly AccountField[], given: Given, ask: Ask | undefined): Promise<Given> {
  const missing = fields.filter(({ name }) => given[name] === undefined);
  if (!ask) {
    const problems = missing.filter(({ name }) => name !== "redirectUri").map(missingText);
    if (problems.length > 0) throw usageError(problems);
    return { redirectUri: DEFAULT_REDIRECT_URI, ...given };
  }
  const answers: Partial<Record<AccountField["name"], string>> = { ...given };
  for (const { name, label, hint, isSecret } of missing) {
    const question = hint === undefined ? label : `${label} (${hint})`;
    const initial = name === "redirectUri" ? DEFAULT_REDIRECT_URI : undefined;
    const check = (answer: string) => (answer === "" ? `${label} is needed.` : undefined);
    answers[name] = isSecret ? await ask.secret(question) : await ask.text(question, { initial, check });
  }
  return answers;
}

function missingText({ name, label, isSecret }: AccountField): string {
  if (isSecret) return `${label} is missing: pipe {"${name}":"..."} in and say --secrets-stdin.`;
  return `${label} is missing: say --${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.`;
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
