import { type Account, holdAccount } from "../store/accounts.ts";
import type { Verb } from "../store/verb.ts";

/** A PIN or password that was right when it was compared. */
export interface ProvenSecret {
  readonly accountId: string;
  /** The account's epoch then: a new PIN or password raises it. */
  readonly extendedEpoch: number;
}

/**
 * Whether a comparison still counts: hashing takes a while, and meanwhile a recovery may have replaced the secret or
 * another channel locked the account (S-50). Ask in the transaction of what the secret decides.
 */
export function* stillCounts(proven: Pick<Account, "accountId" | "extendedEpoch">): Verb<boolean> {
  const account = yield* holdAccount(proven.accountId);
  return account?.extendedEpoch === proven.extendedEpoch && account.lockedAt === null;
}
