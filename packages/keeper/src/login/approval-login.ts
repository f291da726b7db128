/**
 * The approval way: a token is asked for, the person approves it in the broker's app, and it comes by webhook - to this
 * process, or to a `kunji keep` that shares the vault.
 */
import { istDateTime } from "@kunji/contract";
import { type AccountProfile, accountLabel } from "../account.ts";
import type { Broker, PendingApproval } from "../brokers/broker.ts";
import { KeeperError, LoginRequired } from "../keeper-error.ts";
import type { Secret } from "../secret.ts";
import { loginFailure } from "./login-failure.ts";
import type { LogIn, LoginRequest } from "./login-way.ts";
import { maskedNotifierUrl, notifierProblem } from "./notifier-address.ts";
import { Patience } from "./patience.ts";
import { forgetPending, isOpen, readPending, withRequest, writePending } from "./pending-approval.ts";
import { systemTimer } from "./timer.ts";
import { expectToken } from "./token-arrival.ts";

/** How long to wait for the approval. The request itself stays open at the broker for longer. */
const PATIENCE_MS = 10 * 60_000;
/** A request counts as open this many seconds when the answer that says how long has not come yet. */
const UNANSWERED_SECONDS = 120;

export const approvalLogin: LogIn = async (request) => {
  const { profile, broker, person, vault, signal, now, setTimer = systemTimer } = request;
  if (person === undefined) throw new LoginRequired(profile);
  const key = requireKey(request);
  // Listening first: an approval may come as soon as the request is out.
  const arrival = await expectToken(request, key);
  let patience: Patience | undefined;
  try {
    const pending = await sendRequest(request);
    const endsAt = Math.min(pending.expiresAt * 1000, now() + PATIENCE_MS);
    const warning = notifierProblem(pending.notifierUrl, key, broker.title);
    const late = () => notApproved(broker, pending, now(), warning);
    patience = new Patience(Math.max(0, endsAt - now()), { signal, setTimer, late });
    person.awaitApproval({
      id: { broker: profile.broker, account: profile.account },
      title: broker.title,
      notifierUrl: pending.notifierUrl && maskedNotifierUrl(pending.notifierUrl),
      matchNumber: pending.matchNumber,
      warning,
      endsAt,
    });
    const session = await patience.race([arrival.session]);
    await forgetPending(vault, profile);
    return session;
  } catch (error) {
    signal.throwIfAborted();
    throw loginFailure(error, broker, { spent: "The request for a token was sent once." });
  } finally {
    patience?.end();
    arrival.stop();
  }
};

function requireKey({ profile, broker }: LoginRequest): Secret {
  if (broker.requestApproval === undefined || broker.readNotification === undefined) {
    throw new KeeperError("USAGE", `${broker.title} has no approval login`);
  }
  if (profile.notifierKey !== undefined) return profile.notifierKey;
  throw new KeeperError("USAGE", `${accountLabel(profile)} has no key for its notifier URL`, {
    nextStep: "Add the account again with the approval way.",
  });
}

/**
 * Writes down that a request is out before it is, so that an approval that comes at once finds it (S-81). A request that
 * is open already stays the same one for the broker, so it keeps the time it was first sent at.
 */
async function sendRequest({ profile, broker, vault, now, signal }: LoginRequest): Promise<PendingApproval> {
  const { clientId } = profile;
  const seconds = Math.floor(now() / 1000);
  const found = await readPending(vault, profile);
  const earlier = isOpen(found, seconds) && found.clientId === clientId ? found : undefined;
  const requestedAt = earlier?.requestedAt ?? seconds;
  const expiresAt = earlier?.expiresAt ?? seconds + UNANSWERED_SECONDS;
  const sentAt = withRequest(found, clientId, seconds);
  await writePending(vault, profile, { clientId, requestedAt, expiresAt, sentAt });
  const pending = await askForApproval(broker, profile, signal);
  await writePending(vault, profile, { clientId, requestedAt, expiresAt: pending.expiresAt, sentAt });
  return pending;
}

async function askForApproval(broker: Broker, profile: AccountProfile, signal: AbortSignal): Promise<PendingApproval> {
  if (broker.requestApproval === undefined) throw new KeeperError("USAGE", `${broker.title} has no approval login`);
  return await broker.requestApproval(profile, signal);
}

/** A rejected request and one that nobody looked at are the same silence (protocol/upstox.md 5.4). */
function notApproved(
  { title }: Broker,
  pending: PendingApproval,
  now: number,
  warning: string | undefined,
): KeeperError {
  const end = `${istDateTime(pending.expiresAt).slice(11, 16)} IST`;
  const lapsed = now >= pending.expiresAt * 1000;
  const message = lapsed
    ? `the token request at ${title} lapsed at ${end} without an approval`
    : `nobody approved the token request at ${title} within ${PATIENCE_MS / 60_000} minutes, or it was rejected there`;
  const next = lapsed
    ? "Start a new login."
    : `It can be approved until ${end} while "kunji keep" runs; or start a new login.`;
  return new KeeperError("LOGIN_TIMEOUT", message, { nextStep: warning === undefined ? next : `${warning} ${next}` });
}
