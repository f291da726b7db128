import { dialectNamed } from "../dialects.ts";
import type { StoredPerson } from "../registration.ts";
import type { AccountRow } from "../store/manage-accounts.ts";

/** An account as an operator sees it: nothing in it is secret. */
export interface AccountView {
  readonly broker: string;
  readonly userId: string;
  readonly name: string;
  readonly loginName: string;
  readonly email: string;
  /** Ten digits; SMS codes go there. */
  readonly mobile: string;
  /** `locked` after five wrong PINs or passwords; `disabled` by the operator. */
  readonly state: "active" | "locked" | "disabled";
  readonly hasTotp: boolean;
  /** Whether its owner can recover a forgotten PIN or password. */
  readonly hasPan: boolean;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export function viewOf(row: AccountRow): AccountView {
  const dialect = dialectNamed(row.dialect);
  return {
    broker: row.dialect,
    userId: row.user_id,
    name: dialect?.accountName(row.profile) ?? "",
    loginName: row.login_name,
    email: row.email,
    mobile: dialect?.registration.mobileOf(storedPerson(row)) ?? "",
    state: row.status === "closed" ? "disabled" : row.locked_at === null ? "active" : "locked",
    hasTotp: row.has_totp === 1,
    hasPan: row.has_pan === 1,
    createdAt: new Date(row.created_at).toISOString(),
  };
}

export function storedPerson({ login_name: loginName, profile }: AccountRow): StoredPerson {
  return { loginName, profile };
}
