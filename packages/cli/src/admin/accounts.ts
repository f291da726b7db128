import type { AccountView } from "@kunji/broker";
import { CommandError, exitCodes } from "../command-error.ts";
import { openAsk } from "../terminal/ask.ts";
import { alignFacts } from "../terminal/facts.ts";
import type { Style } from "../terminal/style.ts";
import { alignColumns } from "../terminal/table.ts";
import type { AdminFlags } from "./admin-plan.ts";
import { type PersonSecrets, readPersonSecrets } from "./secrets-stdin.ts";
import { type AdminSession, createWithAdmin, withAdmin } from "./with-admin.ts";

interface SecretFlags extends AdminFlags {
  readonly secretsStdin?: true;
}

export interface AccountCreateFlags extends SecretFlags {
  readonly name: string;
  readonly mobile: string;
  readonly email: string;
  readonly totp?: true;
}

/** `kunji admin account create` */
export async function createAccount(brokerName: string, userId: string, flags: AccountCreateFlags): Promise<void> {
  const { name, mobile, email, totp } = flags;
  const person = { broker: brokerName, userId, name, mobile, email };
  await createWithAdmin(flags, {
    async read({ broker }) {
      broker.checkPerson(person);
      return await takeSecrets(broker.secretName(brokerName), flags, { withPan: true });
    },
    create: ({ broker, parts }, secrets: PersonSecrets) => broker.createAccount(parts, { ...person, totp, ...secrets }),
    show({ totp: enrolled, ...view }, style) {
      const lines = [style.bold(`Opened the account of ${view.name}`), factsText(view, style)];
      if (enrolled) {
        const rows = [
          ["TOTP secret", enrolled.secret],
          ["For a QR code", enrolled.uri],
        ];
        lines.push(alignFacts(rows, style, 2), `  ${style.yellow("Shown this once.")}`);
      }
      return lines.join("\n");
    },
  });
}

/** `kunji admin account list` */
export async function listAccounts(flags: AdminFlags): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const accounts: AccountView[] = [];
    for await (const account of broker.listAccounts(parts)) accounts.push(account);
    print.answer(accounts, () => {
      if (accounts.length === 0) return "There are no accounts. kunji admin account create opens one.";
      const heading = ["Broker", "User id", "Login name", "Name", "State", "Authenticator"].map(print.style.dim);
      const rows = accounts.map((account) => [
        account.broker,
        account.userId,
        account.loginName,
        account.name,
        account.state,
        account.hasTotp ? "yes" : "no",
      ]);
      return alignColumns([heading, ...rows]);
    });
  });
}

/** `kunji admin account show` */
export async function showAccount(broker: string, userId: string, flags: AdminFlags): Promise<void> {
  await changeAccount(flags, undefined, (session) => session.broker.showAccount(session.parts, { broker, userId }));
}

/** `kunji admin account set` */
export async function setAccount(
  broker: string,
  userId: string,
  flags: AdminFlags & { readonly mobile: string },
): Promise<void> {
  const done =
    "Codes go to the new number from now on. Browsers, logins under way and requests of the account have ended.";
  await changeAccount(flags, done, (session) =>
    session.broker.setAccountMobile(session.parts, { broker, userId }, flags.mobile),
  );
}

/** `kunji admin account set-pin` */
export async function setPin(broker: string, userId: string, flags: SecretFlags): Promise<void> {
  const done = "It counts from now on; tokens, browsers and logins of the account have ended.";
  await changeAccount(flags, done, async (session) => {
    const name = { broker, userId };
    // Before anybody is asked for a secret that would be of no use.
    await session.broker.showAccount(session.parts, name);
    const { secret } = await takeSecrets(session.broker.secretName(broker), flags, { withPan: false });
    return await session.broker.setAccountSecret(session.parts, name, secret);
  });
}

/** `kunji admin account reset-totp` */
export async function resetTotp(broker: string, userId: string, flags: AdminFlags): Promise<void> {
  const done = "The authenticator app is forgotten, and the account is signed out everywhere.";
  await changeAccount(flags, done, (session) => session.broker.resetTotp(session.parts, { broker, userId }));
}

/** `kunji admin account unlock` */
export async function unlockAccount(broker: string, userId: string, flags: AdminFlags): Promise<void> {
  const done = "It can be tried again.";
  await changeAccount(flags, done, (session) => session.broker.unlockAccount(session.parts, { broker, userId }));
}

/** `kunji admin account disable` */
export async function disableAccount(broker: string, userId: string, flags: AdminFlags): Promise<void> {
  const done = "Its tokens, codes, logins, browsers and requests have ended, and nobody can log in to it.";
  await changeAccount(flags, done, (session) => session.broker.disableAccount(session.parts, { broker, userId }));
}

/** `kunji admin account enable` */
export async function enableAccount(broker: string, userId: string, flags: AdminFlags): Promise<void> {
  const done = "Its owner can log in again.";
  await changeAccount(flags, done, (session) => session.broker.enableAccount(session.parts, { broker, userId }));
}

async function changeAccount(
  flags: AdminFlags,
  done: string | undefined,
  change: (session: AdminSession) => Promise<AccountView>,
): Promise<void> {
  await withAdmin(flags, async (session) => {
    const view = await change(session);
    const { style } = session.print;
    session.print.answer(view, () =>
      [style.bold(view.name), factsText(view, style), ...(done === undefined ? [] : [done])].join("\n"),
    );
  });
}

/** From a pipe where the flag says so, else from the person at the terminal, without echo (S-79). */
async function takeSecrets(
  name: "PIN" | "password",
  { secretsStdin }: SecretFlags,
  { withPan }: { readonly withPan: boolean },
): Promise<PersonSecrets> {
  if (secretsStdin) return await readPersonSecrets(process.stdin, name);
  if (!process.stdin.isTTY) {
    const example = `{"${name.toLowerCase()}":"..."}`;
    throw new CommandError(
      exitCodes.usedWrongly,
      `The ${name} is asked for at a terminal. Without one, add --secrets-stdin and send ${example} to stdin.`,
    );
  }
  const ask = await openAsk();
  const secret = await ask.secret(`New ${name}`);
  if ((await ask.secret(`The same ${name} again`)) !== secret) {
    throw new CommandError(exitCodes.failed, `The two were not the same, so nothing was changed.`);
  }
  if (!withPan) return { secret };
  return { secret, pan: await ask.text("PAN", { hint: `asked for when the ${name} was forgotten; may be empty` }) };
}

function factsText(view: AccountView, style: Style): string {
  return alignFacts(
    [
      ["Broker", view.broker],
      ["User id", view.userId],
      ["Login name", view.loginName],
      ["E-mail", view.email],
      ["Mobile", view.mobile],
      ["State", view.state],
      ["Authenticator", view.hasTotp ? "yes" : "no"],
      ["Can recover", view.hasPan ? "yes" : "no, no PAN is known"],
      ["Since", view.createdAt],
    ],
    style,
    2,
  );
}
