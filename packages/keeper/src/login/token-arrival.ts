/**
 * Waits for a token that somebody else brings: the broker's message to our own receiver, or to a `kunji keep` that
 * shares the vault.
 */
import { isSameToken } from "../accept-token.ts";
import type { Session } from "../account.ts";
import { KeeperError } from "../keeper-error.ts";
import type { Secret } from "../secret.ts";
import { sessionEntry } from "../session-record.ts";
import { CannotListen, PortInUse } from "./listen-locally.ts";
import type { LoginRequest } from "./login-way.ts";
import { DEFAULT_WEBHOOK_PORT } from "./notifier-address.ts";
import { isReceivedHere } from "./receiver-probe.ts";
import { takeNotification } from "./take-notification.ts";
import { openWebhookReceiver } from "./webhook-receiver.ts";

export interface TokenArrival {
  /** The new session; rejects when the vault failed, or a message came and the broker could not be asked about it. */
  readonly session: Promise<Session>;
  readonly stop: () => void;
}

/**
 * Starts to wait, by both roads at once.
 * @returns when both are watched, so that nothing that is asked for now can be missed
 * @throws KeeperError `PORT_TAKEN` when a stranger has the port
 */
export async function expectToken(request: LoginRequest, key: Secret): Promise<TokenArrival> {
  const { profile, vault, stored } = request;
  const before = await stored();
  const over = new AbortController();
  const signal = AbortSignal.any([request.signal, over.signal]);
  let resolve: (session: Session) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const session = new Promise<Session>((...settle) => {
    [resolve, reject] = settle;
  });
  session.catch(() => {});

  const closeReceiver = await receiveHere(request, key, (body) => {
    takeNotification(body, { ...request, signal }).then((found) => found && resolve(found), reject);
  });
  const look = () => {
    stored().then((found) => {
      const isNew = found !== undefined && !(before && isSameToken(before.accessToken, found.accessToken));
      if (isNew) resolve(found);
    }, reject);
  };
  const unwatch = vault.watch(sessionEntry(profile), look);
  // What was stored before the watch began is not missed.
  look();
  return {
    session,
    stop() {
      over.abort();
      unwatch();
      closeReceiver();
    },
  };
}

/** @returns closes the receiver; does nothing when a `kunji keep` on this machine has the port and the vault will tell */
async function receiveHere(
  { broker, signal, now, webhookPort: port = DEFAULT_WEBHOOK_PORT }: LoginRequest,
  key: Secret,
  take: (body: unknown) => void,
): Promise<() => void> {
  try {
    const receiver = await openWebhookReceiver({ port, now });
    receiver.add(key, take);
    return receiver.close;
  } catch (error) {
    if (!(error instanceof PortInUse || error instanceof CannotListen)) throw error;
    if (error instanceof PortInUse && (await isReceivedHere(port, key, signal))) return () => {};
    const state = error instanceof PortInUse ? "is in use by another program" : "cannot be opened";
    throw new KeeperError("PORT_TAKEN", `port ${port} ${state}, and ${broker.title} posts the token to it`, {
      nextStep:
        "End that program. If it is Kunji's own service, look whether it keeps this account: kunji accounts list",
      cause: error,
    });
  }
}
