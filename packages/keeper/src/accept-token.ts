/**
 * The one way a token gets into the vault: the broker itself says over TLS whose it is (S-82), a proven token is never
 * replaced by an older one (S-83), and the new one is durable before the old one is gone (S-77).
 */
import { type AccountId, type AccountProfile, accountLabel, type LoginWay, type Session } from "./account.ts";
import type { Accounts } from "./accounts.ts";
import { brokerFailure } from "./broker-failure.ts";
import type { Broker, Identity, IssuedToken } from "./brokers/broker.ts";
import { KeeperError } from "./keeper-error.ts";
import type { Secret } from "./secret.ts";
import { keptOffset } from "./session-life.ts";
import { withSessionLock } from "./session-lock.ts";
import {
  NO_SESSION,
  readSessionRecord,
  type SessionRecord,
  sessionEntry,
  writeSessionRecord,
} from "./session-record.ts";
import type { Vault } from "./vault/vault.ts";

/** Seconds a token's issue may lie in the future by the broker's clock. */
const ISSUE_TOLERANCE = 60;

export interface AcceptDeps {
  readonly vault: Vault;
  readonly accounts: Accounts;
  readonly broker: Broker;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface AcceptOptions {
  readonly obtainedBy: LoginWay;
  readonly signal: AbortSignal;
}

/**
 * Proves a token and stores it. The same token again changes nothing, and neither does an older one.
 * @returns the session that the vault holds now: this token's, or a newer one's
 * @throws KeeperError `WRONG_USER`; `LOGIN_FAILED` for a token that is no good; `BROKER_UNREACHABLE`, `CLOSED` or
 * `WRONG_IP` when the broker could not say; nothing was stored then
 */
export async function acceptToken(
  deps: AcceptDeps,
  id: AccountId,
  token: IssuedToken,
  options: AcceptOptions,
): Promise<Session> {
  const { vault, accounts, broker, now } = deps;
  const profile = await accounts.load(id);
  const repeated = repeatOf(token, await readStored(vault, id));
  if (repeated !== undefined) return repeated;

  const identity = await prove(deps, profile, token.accessToken, options.signal);
  const localTime = now() / 1000;
  const clockOffset = keptOffset((identity.serverTime ?? localTime) - localTime);
  const brokerTime = localTime + clockOffset;
  requireUser(profile, token.userId ?? identity.userId, broker);
  requireUser({ ...profile, userId: token.userId ?? profile.userId }, identity.userId, broker);
  if (token.issuedAt > brokerTime + ISSUE_TOLERANCE || token.expiresAt <= brokerTime) {
    throw new KeeperError(
      "LOGIN_FAILED",
      `the token of ${accountLabel(id)} is not valid now by ${broker.title}'s clock`,
      { nextStep: "Log in again." },
    );
  }

  const session: Session = {
    broker: id.broker,
    account: id.account,
    accessToken: token.accessToken,
    clientId: profile.clientId,
    userId: identity.userId,
    userName: identity.userName,
    issuedAt: token.issuedAt,
    expiresAt: token.expiresAt,
    obtainedBy: options.obtainedBy,
    provenAt: Math.floor(brokerTime),
    clockOffset,
  };
  return await withSessionLock(
    vault,
    id,
    async (lost) => {
      // Looked at again: meanwhile the account may be gone, be another app's, or have learnt its user.
      const account = await accounts.load(id);
      requireUser(account, identity.userId, broker);
      if (account.clientId !== profile.clientId) {
        throw new KeeperError("LOGIN_FAILED", `${accountLabel(id)} was given another app meanwhile`, {
          nextStep: "Log in again: the new app has a token of its own.",
        });
      }
      const stored = await readStored(vault, id);
      const kept = repeatOf(token, stored) ?? newerThan(token, stored, brokerTime);
      if (kept !== undefined) return kept;
      lost.throwIfAborted();
      if (account.userId === undefined) await accounts.learnUser(account, identity.userId);
      // One step: readers see the old session or the new one (S-77).
      await vault.write(sessionEntry(id), writeSessionRecord({ session, isDead: false, failure: undefined }));
      return session;
    },
    options.signal,
  );
}

/** @throws KeeperError `VAULT_DAMAGED` */
export async function readStored(vault: Vault, id: AccountId): Promise<SessionRecord> {
  const content = await vault.read(sessionEntry(id));
  return content === undefined ? NO_SESSION : readSessionRecord(content, id);
}

export function isSameToken(a: Secret, b: Secret): boolean {
  return a.reveal() === b.reveal();
}

/** What is stored, when it is this very token: it was proven then, and nobody has refused it since. */
function repeatOf(token: IssuedToken, { session, isDead }: SessionRecord): Session | undefined {
  const isSame = session !== undefined && !isDead && isSameToken(session.accessToken, token.accessToken);
  return isSame ? session : undefined;
}

/** What is stored, when it is a proven session that lives and was issued later. */
function newerThan(token: IssuedToken, { session, isDead }: SessionRecord, brokerTime: number): Session | undefined {
  const lives = session !== undefined && !isDead && session.expiresAt > brokerTime;
  return lives && session.issuedAt > token.issuedAt ? session : undefined;
}

async function prove(
  { broker }: AcceptDeps,
  profile: AccountProfile,
  token: Secret,
  signal: AbortSignal,
): Promise<Identity> {
  try {
    return await broker.identify(profile, token, signal);
  } catch (error) {
    signal.throwIfAborted();
    const spent = "The token could not be proven, so nothing was stored, and what it was bought with is spent.";
    throw brokerFailure(broker, error, { doing: `asking ${broker.title} whose token this is`, spent });
  }
}

function requireUser({ broker: _, userId, ...id }: AccountProfile, found: string, broker: Broker): void {
  if (userId === undefined || userId === found) return;
  throw new KeeperError("WRONG_USER", `somebody else logged in than ${broker.name}/${id.account} belongs to`, {
    nextStep: `Log in to ${broker.title} as the account's own user, or add an account of another name for this one.`,
  });
}
