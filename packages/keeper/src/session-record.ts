/**
 * What the vault's `session` entry holds: the account's session, whether the broker has refused it since, and how the
 * last login that nobody watched ended.
 */
import { hostname } from "node:os";
import { type AccountId, accountLabel, type Session } from "./account.ts";
import type { KeeperErrorCode } from "./keeper-error.ts";
import { readRecord } from "./record-fields.ts";
import { Secret } from "./secret.ts";

const VERSION = 1;

/** A login without a person that failed. It is not tried again before somebody looks, see `login-pause.ts`. */
export interface LoginFailure {
  /** Epoch seconds by this machine's clock. */
  readonly at: number;
  readonly code: KeeperErrorCode | string;
}

export interface SessionRecord {
  readonly session: Session | undefined;
  /** The broker refused the token before its end. */
  readonly isDead: boolean;
  readonly failure: LoginFailure | undefined;
}

export const NO_SESSION: SessionRecord = { session: undefined, isDead: false, failure: undefined };

export function sessionEntry({ broker, account }: AccountId) {
  return { broker, account, kind: "session" } as const;
}

/** The content of a `session` entry. It holds the token: it is for the vault only. */
export function writeSessionRecord({ session, isDead, failure }: SessionRecord): string {
  const { broker: _broker, account: _account, accessToken, ...facts } = session ?? {};
  return JSON.stringify({
    version: VERSION,
    isDead,
    failure,
    session: session && { ...facts, accessToken: session.accessToken.reveal(), machine: hostname() },
  });
}

/** @throws KeeperError `VAULT_DAMAGED` */
export function readSessionRecord(content: string, { broker, account }: AccountId): SessionRecord {
  const record = readRecord(content, `the session of ${accountLabel({ broker, account })}`, VERSION);
  const session = record.optionalFields("session");
  const failure = record.optionalFields("failure");
  return {
    isDead: record.flag("isDead"),
    failure: failure && { at: failure.number("at"), code: failure.text("code") },
    session: session && {
      broker,
      account,
      accessToken: new Secret(session.text("accessToken")),
      clientId: session.text("clientId"),
      userId: session.text("userId"),
      userName: session.optionalText("userName"),
      issuedAt: session.number("issuedAt"),
      expiresAt: session.number("expiresAt"),
      obtainedBy: session.oneOf("obtainedBy", ["browser", "approval", "totp"]),
      provenAt: session.number("provenAt"),
      // An offset is of the machine that measured it; the vault may be several machines'.
      clockOffset: session.text("machine") === hostname() ? session.number("clockOffset", "signed") : 0,
    },
  };
}
