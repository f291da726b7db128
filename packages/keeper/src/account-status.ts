/**
 * How an account stands, for tables and dashboards: nothing secret in it.
 */
import type { AccountId, AccountProfile, LoginWay } from "./account.ts";
import type { ListedAccount } from "./accounts.ts";
import { KeeperError, type KeeperErrorCode } from "./keeper-error.ts";
import { secondsLeft } from "./session-life.ts";
import type { SessionRecord } from "./session-record.ts";

/**
 * `valid`: there is a token. `expiring`: and its end is near. `expired`: there was one; the broker or the clock ended
 * it. `logging-in`: somebody logs in right now. `none`: nobody has logged in. `unusable`: this Kunji can do nothing with
 * the account, `problem` says why.
 */
export type SessionState = "valid" | "expiring" | "expired" | "none" | "logging-in" | "unusable";

/** What keeps one account from being used, while the others go on. */
export interface AccountProblem {
  /** `VAULT_DAMAGED` also for what a newer Kunji wrote. `USAGE` for a broker that this Kunji does not know. */
  readonly code: KeeperErrorCode;
  readonly message: string;
  readonly nextStep: string | undefined;
}

export interface AccountStatus extends AccountId {
  /** The broker as people read it. */
  readonly title: string;
  /** Undefined when the account itself cannot be read. */
  readonly way: LoginWay | undefined;
  readonly state: SessionState;
  /** Seconds the token is still handed out: until 60 s before its end. 0 when there is none. */
  readonly secondsLeft: number;
  /** Times are epoch seconds by the broker's clock, of the last session. */
  readonly issuedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** Of the last session, else the one the account belongs to. */
  readonly userId: string | undefined;
  readonly userName: string | undefined;
  readonly obtainedBy: LoginWay | undefined;
  /** Of the state `unusable`. */
  readonly problem: AccountProblem | undefined;
}

export interface StatusFacts {
  readonly profile: AccountProfile;
  readonly title: string;
  readonly record: SessionRecord;
  readonly isLiving: boolean;
  readonly isLoggingIn: boolean;
  /** Epoch seconds by the broker's clock. */
  readonly brokerTime: number;
  readonly expiringMinutes: number;
}

export function describeAccount(facts: StatusFacts): AccountStatus {
  const { profile, title, isLiving } = facts;
  const { session } = facts.record;
  return {
    broker: profile.broker,
    account: profile.account,
    title,
    way: profile.way,
    state: stateOf(facts),
    secondsLeft: session !== undefined && isLiving ? secondsLeft(session, facts.brokerTime) : 0,
    issuedAt: session?.issuedAt,
    expiresAt: session?.expiresAt,
    userId: session?.userId ?? profile.userId,
    userName: session?.userName,
    obtainedBy: session?.obtainedBy,
    problem: undefined,
  };
}

/** @param title the broker as people read it, else its name */
export function describeUnusable(
  { broker, account, profile }: ListedAccount,
  title: string,
  problem: AccountProblem,
): AccountStatus {
  return {
    broker,
    account,
    title,
    way: profile?.way,
    state: "unusable",
    secondsLeft: 0,
    issuedAt: undefined,
    expiresAt: undefined,
    userId: profile?.userId,
    userName: undefined,
    obtainedBy: undefined,
    problem,
  };
}

/** Codes that are about one entry of the vault, and not about the vault. */
const OF_ONE_ACCOUNT: ReadonlySet<KeeperErrorCode> = new Set(["VAULT_DAMAGED", "VAULT_UNSAFE"]);

/** What is wrong with one account alone. @throws everything that concerns them all */
export function problemOfOne(error: unknown): AccountProblem {
  if (!(error instanceof KeeperError) || !OF_ONE_ACCOUNT.has(error.code)) throw error;
  const { code, message, nextStep } = error;
  return { code, message, nextStep };
}

function stateOf({
  record: { session },
  isLiving,
  isLoggingIn,
  brokerTime,
  expiringMinutes,
}: StatusFacts): SessionState {
  if (session !== undefined && isLiving) {
    return brokerTime >= session.expiresAt - expiringMinutes * 60 ? "expiring" : "valid";
  }
  if (isLoggingIn) return "logging-in";
  return session === undefined ? "none" : "expired";
}
