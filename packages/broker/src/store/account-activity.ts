import { selectAll, type Verb } from "./verb.ts";

/** Something that happened to an account, from the audit rows, with the name of the app it was about. */
export interface StoredActivity {
  readonly at: number;
  readonly event: string;
  readonly client_name: string | null;
  /** JSON text; never a secret. */
  readonly detail: string;
}

/**
 * What happened to a person's account, newest first. Left out are steps that say nothing their end does not say, and
 * tokens: they follow from what else is there, and their audit rows are not in the index (see the migration).
 */
export function* listActivity(
  accountId: string,
  { skip, most }: { readonly skip: number; readonly most: number },
): Verb<StoredActivity[]> {
  return yield* selectAll<StoredActivity>(
    `SELECT u.at, u.event, c.name AS client_name, u.detail
     FROM audit u LEFT JOIN clients c ON c.client_id = u.client_id
     WHERE u.account_id = ? AND u.account_id IS NOT NULL
       AND u.event <> 'token.issued' AND u.event <> 'extended-token.issued'
       AND u.event NOT IN ('code.wasted', 'login.otp-sent', 'login.otp-accepted', 'login.password-accepted')
     ORDER BY u.seq DESC LIMIT ? OFFSET ?`,
    accountId,
    most,
    skip,
  );
}
