import type { BrokerParts } from "../parts.ts";
import { type Account, acceptPin, findAccountByLoginName } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import { stillCounts } from "./proven-secret.ts";
import { type CountedGuess, countGuess, forgiveEarlierGuess, withdrawGuess } from "./throttle.ts";

/** A password, where it is what a person gives first. */
export interface PasswordTry {
  readonly dialect: string;
  readonly loginName: string;
  readonly password: string;
  /** Network source, as throttles count it. */
  readonly source: string;
}

export type PasswordVerdict =
  | { readonly outcome: "right" }
  /** It was right, but the login it was given to went elsewhere meanwhile. */
  | { readonly outcome: "gone" }
  | { readonly outcome: "wrong" }
  | { readonly outcome: "wait" };

/** What a comparison found, before anything is decided on it. */
export interface ComparedPassword {
  /** The account as it was when the password was compared; undefined for a name nobody has. */
  readonly account: Account | undefined;
  readonly matches: boolean;
  /** The password's hash at today's cost, when the stored one was cheaper. */
  readonly rehash: string | undefined;
  readonly counted: CountedGuess;
}

/**
 * Compares a password, counted first (S-47). Nobody has proven to own the phone yet, so wrong ones only slow down the
 * source and, after a hundred, the account; they never lock it, or any stranger could (S-49). An unknown name, a locked
 * account and a wrong password cost the same (S-43).
 * @returns undefined while the source or the account has to wait; the same hash is computed then
 */
export async function comparePassword(
  parts: BrokerParts,
  { dialect, loginName, password, source }: PasswordTry,
  now: number,
): Promise<ComparedPassword | undefined> {
  const { verdict, account } = await parts.db.write(function* () {
    return {
      verdict: yield* countGuess({ factor: "password", dialect, loginName, source }, now),
      account: yield* findAccountByLoginName(dialect, loginName),
    };
  });
  const counts = verdict.allowed && account?.status === "active" && account.lockedAt === null;
  const stored = counts ? (account.pinHash ?? undefined) : undefined;
  const { matches, rehash } = await parts.hasher.verify(stored, password).catch(async (error: unknown) => {
    // A password that nobody had time to look at is no guess: a flood must not make people wait (S-124).
    if (verdict.allowed) await parts.db.write(() => withdrawGuess(verdict.counted));
    throw error;
  });
  return verdict.allowed ? { account, matches, rehash, counted: verdict.counted } : undefined;
}

/**
 * Checks a password that stands on its own, as the first step of the pages.
 * @param proven takes the step a right one leads to, in the same transaction, so that a recovery that comes later finds
 * it taken; gives false when the login is not where it was
 */
export async function verifyPassword(
  parts: BrokerParts,
  entry: PasswordTry,
  now: number,
  proven: (account: Account) => Verb<boolean>,
): Promise<PasswordVerdict> {
  const compared = await comparePassword(parts, entry, now);
  if (!compared) return { outcome: "wait" };
  const { account, matches, rehash, counted } = compared;
  return await parts.db.write(function* () {
    if (!matches || !account || !(yield* stillCounts(account))) {
      yield* appendAudit(parts.keys.audit, {
        at: now,
        event: "login.password-refused",
        accountId: account?.accountId,
      });
      return { outcome: "wrong" } as const;
    }
    yield* forgiveEarlierGuess(counted, now);
    yield* acceptPin(account, account.pinHash, rehash);
    yield* appendAudit(parts.keys.audit, { at: now, event: "login.password-accepted", accountId: account.accountId });
    return { outcome: (yield* proven(account)) ? "right" : "gone" } as const;
  });
}
