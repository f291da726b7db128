/**
 * What becomes of a message that came to the webhook receiver. Anybody may have sent it: the vendor signs nothing.
 */

import { isSameToken } from "../accept-token.ts";
import type { AccountProfile, Session } from "../account.ts";
import type { Broker } from "../brokers/broker.ts";
import { KeeperError } from "../keeper-error.ts";
import type { Vault } from "../vault/vault.ts";
import type { LoginRequest } from "./login-way.ts";
import { answersPending, forgetPending, readPending } from "./pending-approval.ts";
import { delay, type SetTimer, systemTimer } from "./timer.ts";

export interface NotificationDeps {
  readonly profile: AccountProfile;
  readonly broker: Broker;
  readonly vault: Vault;
  /** Proves and stores (S-82, S-83). */
  readonly accept: LoginRequest["accept"];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly setTimer?: SetTimer | undefined;
  readonly signal: AbortSignal;
}

/** Waits before the broker is asked again whose token it is. The sender has its answer and will not send it again. */
const PATIENCE_MS = [1_000, 3_000, 10_000, 30_000, 60_000];

/**
 * Matches a message with the token request that waits, and has the token proven.
 * @returns the stored session; undefined when the message changed nothing: not a token message, not asked for, another
 * app's or user's, not the broker's, or older than what is stored
 * @throws KeeperError when the vault failed, or the broker could not be asked for too long
 * @throws the signal's reason
 */
export async function takeNotification(body: unknown, deps: NotificationDeps): Promise<Session | undefined> {
  const { profile, broker, vault, now } = deps;
  const notification = broker.readNotification?.(body);
  if (notification === undefined) return undefined;
  const pending = await readPending(vault, profile);
  if (!answersPending(notification, profile, pending, now() / 1000)) return undefined;
  const session = await prove(deps, () => deps.accept(notification));
  if (session === undefined || !isSameToken(session.accessToken, notification.accessToken)) return undefined;
  await forgetPending(vault, profile);
  return session;
}

/** A token that cannot be judged now may be a good one: it is asked about again, for a while. */
async function prove(
  { setTimer = systemTimer, signal }: NotificationDeps,
  accept: () => Promise<Session>,
): Promise<Session | undefined> {
  for (const wait of [...PATIENCE_MS, undefined]) {
    try {
      return await accept();
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof KeeperError ? error.code : undefined;
      if (code === "LOGIN_FAILED" || code === "WRONG_USER") return undefined;
      const isPassing = code === "BROKER_UNREACHABLE" || code === "CLOSED";
      if (!isPassing || wait === undefined) throw error;
      await delay(wait, setTimer, signal);
    }
  }
  return undefined;
}
