import { PIN_HASH_COST } from "../crypto/password-hash.ts";
import { rowKeyFloor } from "../crypto/row-key.ts";
import type { LoginNotice, LoginStep } from "../login/login-request.ts";
import { panDigest } from "../login/recover-pin.ts";
import { forgetGuesses } from "../login/throttle.ts";
import { sealTotpSecret } from "../login/verify-totp.ts";
import type { BrokerParts } from "../parts.ts";
import type { Person } from "../registration.ts";
import {
  findAccount,
  findAccountByLoginName,
  holdAccount,
  replacePin,
  saveAccount,
  setTotpSecret,
} from "../store/accounts.ts";
import { restartAttemptsNamed, restartOtherAttempts } from "../store/attempts.ts";
import { type AuditEvent, appendAudit } from "../store/audit.ts";
import { endBrowserSessions } from "../store/browser-sessions.ts";
import {
  type AccountRow,
  expireRequestsToAccount,
  findAccountRow,
  listAccounts as listStoredAccounts,
  replaceAccountMobile,
  replaceAccountStatus,
  unlockAccount as unlockStoredAccount,
  voidAllOfAccount,
} from "../store/manage-accounts.ts";
import type { Verb } from "../store/verb.ts";
import { newTotpSecret, totpUri } from "../totp/totp.ts";
import { readPersonPan, requireMobile, requirePerson, requireSecret } from "./account-rules.ts";
import { type AccountView, storedPerson, viewOf } from "./account-view.ts";
import { AdminError } from "./admin-error.ts";
import { accountIdOf, requireBroker } from "./client-rules.ts";

export interface NewAccountRequest extends Omit<Person, "pan"> {
  /** `upstox` or `tradejini`. */
  readonly broker: string;
  /** PIN or password. */
  readonly secret: string;
  readonly pan?: string | undefined;
  /** Enrols an authenticator app; otherwise the person does it at the account pages. */
  readonly totp?: boolean | undefined;
}

export interface CreatedAccount extends AccountView {
  /** Base32 and what a QR code of it holds, shown this once; null unless asked for. */
  readonly totp: { readonly secret: string; readonly uri: string } | null;
}

/** Which account is meant. */
export interface AccountName {
  readonly broker: string;
  readonly userId: string;
}

const PAGE = 500;

/**
 * Opens an account.
 * @throws AdminError `REFUSED` with what is wrong, `EXISTS` when the user id or login name is taken
 */
export async function createAccount(parts: BrokerParts, request: NewAccountRequest): Promise<CreatedAccount> {
  const { db, clock, random, keys, hasher } = parts;
  const dialect = requireBroker(request.broker);
  const pan = readPersonPan(request.pan);
  requirePerson(dialect, request);
  requireSecret(dialect, request.secret);
  const record = dialect.registration.recordOf({ ...request, pan });
  const accountId = accountIdOf(dialect, record.userId);
  const now = clock.now();
  const pinHash = await hasher.hashAt(PIN_HASH_COST, request.secret);
  const totpSecret = request.totp ? newTotpSecret((size) => random.bytes(size)) : null;
  const account = await db.write(function* () {
    if ((yield* findAccount(accountId)) || (yield* findAccountByLoginName(dialect.name, record.loginName))) {
      throw new AdminError(
        "EXISTS",
        `There is an account with the user id ${record.userId} or the login name ${record.loginName} already.`,
      );
    }
    yield* saveAccount(
      {
        ...record,
        accountId,
        dialect: dialect.name,
        email: request.email,
        pinHash,
        totpSecret: totpSecret === null ? null : sealTotpSecret(parts, accountId, totpSecret),
        panDigest: pan === undefined ? null : panDigest(parts, pan),
      },
      now,
    );
    yield* appendAudit(keys.audit, { at: now, event: "account.opened", accountId, detail: { by: "operator" } });
    return yield* requireRow(accountId);
  });
  const uri = (secret: string) => totpUri({ issuer: dialect.brokerName, accountName: record.userId, secret });
  return { ...viewOf(account), totp: totpSecret === null ? null : { secret: totpSecret, uri: uri(totpSecret) } };
}

/**
 * Whether an account can be opened for somebody, as far as the person goes: before anybody is asked for a secret.
 * @throws AdminError `REFUSED` with everything that is wrong
 */
export function checkPerson(request: Pick<NewAccountRequest, "broker" | "userId" | "name" | "email" | "mobile">): void {
  requirePerson(requireBroker(request.broker), request);
}

/** What the people of a broker know by heart. @throws AdminError `REFUSED` for an unknown broker */
export function secretName(broker: string): "PIN" | "password" {
  return requireBroker(broker).secret;
}

/** All accounts, by broker and user id, read a page at a time. */
export async function* listAccounts({ db }: BrokerParts): AsyncGenerator<AccountView> {
  let after = "";
  for (;;) {
    const afterId = after;
    const rows = await db.read(() => listStoredAccounts(afterId, PAGE));
    for (const row of rows) yield viewOf(row);
    const last = rows.at(-1);
    if (!last) return;
    after = last.account_id;
  }
}

/** @throws AdminError `NOT_FOUND` */
export async function showAccount({ db }: BrokerParts, name: AccountName): Promise<AccountView> {
  const accountId = accountIdOf(requireBroker(name.broker), name.userId);
  return viewOf(await db.read(() => requireRow(accountId)));
}

/**
 * Sets a new PIN or password, as a recovery does: unlocks the account, and ends its tokens, signed-in browsers and logins
 * under way.
 * @throws AdminError `REFUSED`, `NOT_FOUND`
 */
export async function setAccountSecret(parts: BrokerParts, name: AccountName, secret: string): Promise<AccountView> {
  requireSecret(requireBroker(name.broker), secret);
  // Not before it is known that there is such an account: the hash takes a while.
  await showAccount(parts, name);
  const pinHash = await parts.hasher.hashAt(PIN_HASH_COST, secret);
  return await change(parts, name, "account.pin-set", function* (accountId, now) {
    yield* replacePin(accountId, pinHash);
    yield* signOut(parts, accountId, now);
  });
}

/**
 * Gives somebody another mobile number. What relied on the earlier one ends: signed-in browsers, logins under way with
 * the codes sent for them, and requests whose link was sent there. Tokens live on.
 * @param mobile ten digits
 * @throws AdminError `REFUSED`, `NOT_FOUND`, `EXISTS` when somebody else logs in with that number
 */
export async function setAccountMobile(parts: BrokerParts, name: AccountName, mobile: string): Promise<AccountView> {
  const dialect = requireBroker(name.broker);
  requireMobile(mobile);
  return await change(parts, name, "account.mobile-changed", function* (accountId, now) {
    const before = storedPerson(yield* requireRow(accountId));
    if (dialect.registration.mobileOf(before) === mobile) {
      throw new AdminError("REFUSED", "This account has that mobile number already.");
    }
    const after = dialect.registration.withMobile(before, mobile);
    const holder = yield* findAccountByLoginName(dialect.name, after.loginName);
    if (holder && holder.accountId !== accountId) {
      throw new AdminError("EXISTS", `${holder.userId} logs in with that mobile number: it can be one person's only.`);
    }
    yield* replaceAccountMobile(accountId, after);
    yield* expireRequestsToAccount(accountId, now);
    yield* signOut(parts, accountId, now);
    if (after.loginName === before.loginName) return;
    // Codes that were sent while the number was this person's must not count for whoever has it next.
    yield* restartAttemptsNamed(dialect.name, before.loginName, FIRST_STEP, newestAttempts(parts, now));
    // Nor may wrong tries at a number hold up whoever has it next, or right ones speed them up (S-49).
    for (const { loginName } of [before, after]) yield* forgetGuesses(dialect.name, loginName);
  });
}

/**
 * Removes the authenticator app of somebody who lost it, and signs the person out everywhere.
 * @throws AdminError `NOT_FOUND`
 */
export async function resetTotp(parts: BrokerParts, name: AccountName): Promise<AccountView> {
  return await change(parts, name, "totp.removed", function* (accountId, now) {
    yield* setTotpSecret(accountId, null);
    yield* signOut(parts, accountId, now);
  });
}

/**
 * Lets somebody try again who was locked out after wrong PINs or passwords.
 * @throws AdminError `NOT_FOUND`, `REFUSED` when the account is not locked
 */
export async function unlockAccount(parts: BrokerParts, name: AccountName): Promise<AccountView> {
  return await change(parts, name, "account.unlocked", function* (accountId) {
    if (!(yield* unlockStoredAccount(accountId))) throw new AdminError("REFUSED", "This account is not locked.");
  });
}

/**
 * Disables an account: its tokens, codes, logins, browsers and pending requests end at once, and nobody logs in to it.
 * @throws AdminError `NOT_FOUND`
 */
export async function disableAccount(parts: BrokerParts, name: AccountName): Promise<AccountView> {
  return await change(parts, name, "account.closed", function* (accountId, now) {
    yield* replaceAccountStatus(accountId, "closed");
    yield* voidAllOfAccount(accountId);
    yield* expireRequestsToAccount(accountId, now);
    yield* signOut(parts, accountId, now);
  });
}

/**
 * Lets a disabled account log in again; what ended stays ended.
 * @throws AdminError `NOT_FOUND`
 */
export async function enableAccount(parts: BrokerParts, name: AccountName): Promise<AccountView> {
  return await change(parts, name, "account.reopened", function* (accountId) {
    yield* replaceAccountStatus(accountId, "active");
  });
}

async function change(
  { db, clock, keys }: BrokerParts,
  { broker, userId }: AccountName,
  event: AuditEvent,
  verb: (accountId: string, now: number) => Verb<void>,
): Promise<AccountView> {
  const accountId = accountIdOf(requireBroker(broker), userId);
  const now = clock.now();
  const row = await db.write(function* () {
    yield* requireRow(accountId);
    // A login that ends at this moment comes before, and then it is undone as well, or after, and then it is refused.
    yield* holdAccount(accountId);
    yield* verb(accountId, now);
    yield* appendAudit(keys.audit, { at: now, event, accountId, detail: { by: "operator" } });
    return yield* requireRow(accountId);
  });
  return viewOf(row);
}

const FIRST_STEP = { step: "identify", notice: "restarted" } as const satisfies {
  step: LoginStep;
  notice: LoginNotice;
};

/** Whatever was proven until now counts no more. */
function* signOut(parts: BrokerParts, accountId: string, now: number): Verb<void> {
  yield* endBrowserSessions(accountId);
  yield* restartOtherAttempts(accountId, "", FIRST_STEP, newestAttempts(parts, now));
}

/** Where the keys of logins begin that may still be under way. */
function newestAttempts({ settings }: BrokerParts, now: number): string {
  return rowKeyFloor(now - settings.KUNJI_ATTEMPT_LIFETIME * 1000);
}

function* requireRow(accountId: string): Verb<AccountRow> {
  const row = yield* findAccountRow(accountId);
  if (row) return row;
  const userId = accountId.slice(accountId.indexOf(":") + 1);
  throw new AdminError("NOT_FOUND", `No account ${userId} at this broker: kunji admin account list has them all.`);
}
