import { type AccountId, accountLabel } from "./account.ts";

/**
 * What can go wrong with keeping a token; callers switch on `code`.
 * - `LOGIN_REQUIRED`: a person has to act, and nobody can be asked from here
 * - `UNKNOWN_ACCOUNT`: no such account was added
 * - `LOGIN_DENIED`: the broker or the person said no
 * - `LOGIN_TIMEOUT`: nobody finished the login in time
 * - `WRONG_USER`: somebody else logged in than the account belongs to
 * - `LOGIN_FAILED`: the broker refused: wrong app, secret or code
 * - `WRONG_IP`: the broker refuses this machine's address; the token is fine
 * - `CLOSED`: the service is closed at this hour; the token is fine
 * - `BROKER_UNREACHABLE`: no usable answer from the broker
 * - `PORT_TAKEN`: the fixed port of the redirect URI or of the webhook listener is in use (S-90)
 * - `VAULT_LOCKED`: the vault's key is missing or wrong; nothing was written
 * - `VAULT_DAMAGED`: an entry could not be opened; it was set aside, never overwritten (S-95)
 * - `VAULT_UNSAFE`: owner, permissions or a symbolic link make the vault unsafe to open (S-93)
 * - `VAULT_UNAVAILABLE`: the vault could not be read or written just now
 * - `SERVICE_UNREACHABLE`: `kunji keep` was asked, and gave no usable answer
 * - `USAGE`: what was asked for makes no sense; the message says why
 */
export type KeeperErrorCode =
  | "LOGIN_REQUIRED"
  | "UNKNOWN_ACCOUNT"
  | "LOGIN_DENIED"
  | "LOGIN_TIMEOUT"
  | "WRONG_USER"
  | "LOGIN_FAILED"
  | "WRONG_IP"
  | "CLOSED"
  | "BROKER_UNREACHABLE"
  | "PORT_TAKEN"
  | "VAULT_LOCKED"
  | "VAULT_DAMAGED"
  | "VAULT_UNSAFE"
  | "VAULT_UNAVAILABLE"
  | "SERVICE_UNREACHABLE"
  | "USAGE";

export interface KeeperErrorOptions extends ErrorOptions {
  /** What the person can do next, as a sentence; shown beneath the message. */
  readonly nextStep?: string | undefined;
}

/** The keeper's one error class. Its message names no secret and holds no request (S-73). */
export class KeeperError extends Error {
  override readonly name: string = "KeeperError";
  readonly code: KeeperErrorCode;
  readonly nextStep: string | undefined;

  constructor(code: KeeperErrorCode, message: string, options: KeeperErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.nextStep = options.nextStep;
  }
}

/** No valid token, and nobody who could be asked for a login. */
export class LoginRequired extends KeeperError {
  override readonly name = "LoginRequired";
  readonly broker: string;
  readonly account: string;

  constructor(id: AccountId, options: KeeperErrorOptions = {}) {
    const words = id.account === "default" ? id.broker : `${id.broker} --account ${id.account}`;
    super("LOGIN_REQUIRED", `${accountLabel(id)} needs a login`, {
      nextStep: `Run: kunji login ${words}`,
      ...options,
    });
    this.broker = id.broker;
    this.account = id.account;
  }
}
