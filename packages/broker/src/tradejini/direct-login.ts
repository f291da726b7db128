import type { BrokerContext } from "../broker-context.ts";
import { type IssuedToken, mintAccessToken, saveAccessToken, tokenOwner } from "../grants/issue-token.ts";
import { type CodeVerdict, checkCode } from "../login/check-code.ts";
import { stillCounts } from "../login/proven-secret.ts";
import { forgiveEarlierGuess, PIN_TRIES } from "../login/throttle.ts";
import { type ComparedPassword, comparePassword } from "../login/verify-password.ts";
import {
  acceptPin,
  countPinTry,
  findAccount,
  findOtpAttempt,
  holdAccount,
  lockAfterFailures,
} from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Client } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";
import { tradejini } from "./identity.ts";
import { tradejiniTokenRules } from "./token-rules.ts";

export interface DirectCredentials {
  readonly password: string;
  /** The second factor's code. */
  readonly twoFa: string;
  /** What the code is: `otp` or `totp`. */
  readonly twoFaTyp: string;
  readonly source: string;
}

/** Stands in for the client code of an app that has no account to log in: throttled per source like a real one. */
const NOBODY = "-";

const codeKinds: Readonly<Record<string, readonly ("sms" | "totp")[]>> = { otp: ["sms"], totp: ["totp"] };

/**
 * Logs the owner of an individual app in by password and second factor; no other app and no other account (D3, S-25).
 * Both are always checked, with the counts and locks of the pages (S-50), so that an unknown app, a wrong password and a
 * wrong code cost the same and look the same (S-43).
 *
 * The SMS code is one the owner asked for on the second page of a login: no API sends any. It stays bound to that login
 * (S-44) and works once over both channels, so whoever uses it here has to know the password, the app's key and, where
 * addresses are registered, call from one of them, within the minute the code lives.
 * @returns undefined for every kind of failure
 */
export async function directLogin(
  context: BrokerContext,
  client: Client | undefined,
  credentials: DirectCredentials,
): Promise<IssuedToken | undefined> {
  const now = context.clock.now();
  const minted = mintAccessToken(context, tradejiniTokenRules, now);
  const owner = await findOwner(context, client);
  const loginName = owner?.loginName ?? NOBODY;
  const { password, source } = credentials;
  const compared = await comparePassword(context, { dialect: tradejini.name, loginName, password, source }, now);
  return await context.db.write(function* (): Verb<IssuedToken | undefined> {
    // First of all, as everywhere: a login by password that ends at this moment has it before the counts and the row.
    yield* holdAccount(owner?.accountId ?? "");
    const whose = { loginName, accountId: owner?.accountId ?? "", isStrangers: !compared?.matches };
    const code = yield* checkTwoFa(context, whose, credentials, now);
    if (!compared || !client || code.outcome !== "right") {
      yield* auditRefusal(context, client, owner?.accountId, now);
      return undefined;
    }
    if (!(yield* settlePassword(context, compared, code.account.accountId, now))) {
      yield* auditRefusal(context, client, code.account.accountId, now);
      return undefined;
    }
    yield* appendAudit(context.keys.audit, {
      at: now,
      event: "login.direct",
      clientId: client.clientId,
      accountId: code.account.accountId,
      detail: { by: code.by },
    });
    return yield* saveAccessToken(context, tradejiniTokenRules, minted, tokenOwner(client, code.account), now);
  });
}

/** The account the app may log in. */
async function findOwner(context: BrokerContext, client: Client | undefined) {
  const isIndividual = client?.status === "active" && client.flows.includes("individual_token");
  // The same read whether or not there is such an app.
  const account = await context.db.read(() => findAccount(isIndividual ? (client.ownerAccount ?? "") : ""));
  return account?.dialect === tradejini.name ? account : undefined;
}

/**
 * Without the right password anybody may be asking: their wrong codes then do not count towards the five that the
 * owner has at an SMS code, or five requests would take it from them (S-44, S-49). The throttles count them all.
 */
function* checkTwoFa(
  context: BrokerContext,
  { accountId, ...whose }: { readonly loginName: string; readonly accountId: string; readonly isStrangers: boolean },
  { twoFa, twoFaTyp, source }: DirectCredentials,
  now: number,
): Verb<CodeVerdict> {
  const attemptKey = (yield* findOtpAttempt(accountId)) ?? "";
  const accepts = Object.hasOwn(codeKinds, twoFaTyp) ? (codeKinds[twoFaTyp] ?? []) : [];
  return yield* checkCode(context, { dialect: tradejini.name, ...whose, source, otp: twoFa, accepts, attemptKey }, now);
}

/**
 * What the password is worth now that the second factor was right. A wrong one counts towards the lock: only somebody
 * who has the second factor gets this far, and each code works once (S-47, S-49).
 */
function* settlePassword(
  context: BrokerContext,
  compared: ComparedPassword,
  accountId: string,
  now: number,
): Verb<boolean> {
  const account = yield* holdAccount(accountId);
  const isRight = compared.matches && compared.account && (yield* stillCounts(compared.account));
  if (isRight && account && account.pinFailures < PIN_TRIES) {
    yield* forgiveEarlierGuess(compared.counted, now);
    yield* acceptPin(compared.account, compared.account.pinHash, compared.rehash);
    return true;
  }
  yield* countPinTry(accountId, PIN_TRIES);
  if (yield* lockAfterFailures(accountId, PIN_TRIES, now)) {
    yield* appendAudit(context.keys.audit, { at: now, event: "login.locked", accountId });
  }
  return false;
}

function* auditRefusal(
  context: BrokerContext,
  client: Client | undefined,
  accountId: string | undefined,
  now: number,
): Verb<void> {
  const { audit } = context.keys;
  yield* appendAudit(audit, { at: now, event: "login.password-refused", clientId: client?.clientId, accountId });
}
