/**
 * The token request that waits for its approval, in the vault, so that whichever process gets the message can tell
 * whether anybody asked for it (S-81).
 */
import { type AccountId, type AccountProfile, accountLabel } from "../account.ts";
import type { Notification } from "../brokers/broker.ts";
import { readRecord } from "../record-fields.ts";
import type { Vault } from "../vault/vault.ts";

const VERSION = 1;
/** Seconds this machine's clock and the broker's may differ here: a little more than anybody's clock is off. */
const CLOCK_TOLERANCE = 300;

/** One per account. Times are epoch seconds. */
export interface PendingRecord {
  readonly clientId: string;
  /** When the first request that is still open was sent, by this machine's clock. */
  readonly requestedAt: number;
  /** By the broker's clock. */
  readonly expiresAt: number;
  /**
   * Every request of the last hour that no token has come of yet, by the clock of the machine that sent it: whoever
   * shares the vault counts them together.
   */
  readonly sentAt: readonly number[];
}

/** The broker counts the requests of an hour. */
const COUNTED_SECONDS = 3_600;

/** The requests that count at `seconds`, this one included. Those that lie far ahead were sent under a wrong clock. */
export function withRequest(found: PendingRecord | undefined, clientId: string, seconds: number): readonly number[] {
  const earlier = found?.clientId === clientId ? found.sentAt : [];
  return [...earlier.filter((at) => Math.abs(seconds - at) < COUNTED_SECONDS), seconds];
}

function pendingEntry({ broker, account }: AccountId) {
  return { broker, account, kind: "pending" } as const;
}

export async function writePending(vault: Vault, id: AccountId, record: PendingRecord): Promise<void> {
  await vault.write(pendingEntry(id), JSON.stringify({ version: VERSION, way: "approval", ...record }));
}

/** @throws KeeperError `VAULT_DAMAGED` */
export async function readPending(vault: Vault, id: AccountId): Promise<PendingRecord | undefined> {
  const content = await vault.read(pendingEntry(id));
  if (content === undefined) return undefined;
  const record = readRecord(content, `the token request of ${accountLabel(id)}`, VERSION);
  // The way in of an account can change; what another way left here is not ours.
  if (record.text("way") !== "approval") return undefined;
  return {
    clientId: record.text("clientId"),
    requestedAt: record.number("requestedAt"),
    expiresAt: record.number("expiresAt"),
    sentAt: record.numbers("sentAt"),
  };
}

/** Nothing is expected any more: a message that comes now is a repeat or a forgery. */
export async function forgetPending(vault: Vault, id: AccountId): Promise<void> {
  await vault.remove(pendingEntry(id));
}

/** @param seconds epoch seconds */
export function isOpen(record: PendingRecord | undefined, seconds: number): record is PendingRecord {
  return record !== undefined && seconds < record.expiresAt + CLOCK_TOLERANCE;
}

/**
 * Whether a message is what this account waits for: our app, our user, a request that is open, and a token made after it
 * was sent (S-81). That it is true is another question: see `takeNotification`.
 */
export function answersPending(
  notification: Notification,
  profile: AccountProfile,
  record: PendingRecord | undefined,
  seconds: number,
): boolean {
  if (!isOpen(record, seconds) || record.clientId !== profile.clientId) return false;
  if (notification.clientId !== profile.clientId) return false;
  if (profile.userId !== undefined && notification.userId !== profile.userId) return false;
  return notification.issuedAt >= record.requestedAt - CLOCK_TOLERANCE;
}
