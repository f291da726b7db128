/**
 * The receiver of approved tokens for all accounts of this vault: it stays open, so that a token approved at any time
 * finds somebody. A message is matched with a pending request and proven before it counts (S-81, S-82).
 */
import { type AccountId, type AccountProfile, accountLabel } from "../account.ts";
import { openBrokers } from "../brokers/brokers.ts";
import { KeeperError } from "../keeper-error.ts";
import { CannotListen, PortInUse } from "../login/listen-locally.ts";
import { takeNotification } from "../login/take-notification.ts";
import { openWebhookReceiver, type WebhookReceiver } from "../login/webhook-receiver.ts";
import type { KeeperForService } from "./keeper-for-service.ts";
import type { ServiceClock } from "./service-clock.ts";
import { errorFields, type ServiceLog } from "./service-log.ts";

/** Accounts come and go in other processes; a login through this service looks at once. */
const LOOK_EVERY_MS = 10_000;

export interface WebhookEndpointOptions {
  readonly keeper: Pick<KeeperForService, "accounts" | "accept" | "vault">;
  readonly clock: ServiceClock;
  readonly log: ServiceLog;
  /** 0 takes a free one. */
  readonly port: number;
  readonly stopping: AbortSignal;
}

export interface WebhookEndpoint {
  /** Listens when there is an account to listen for, now or later. @throws KeeperError `PORT_TAKEN` */
  readonly open: () => Promise<void>;
  /** Looks for accounts that were added, changed or removed. What goes wrong is logged, and tried again. */
  readonly refresh: () => Promise<void>;
  /** Undefined while there is nothing to listen for. */
  readonly port: () => number | undefined;
}

export function createWebhookEndpoint(options: WebhookEndpointOptions): WebhookEndpoint {
  const { keeper, clock, log, port, stopping } = options;
  /** By account and write time: an account that was written anew has another key. */
  const listening = new Map<string, () => void>();
  /** Which of them could not be read: said once, they may stay so for days. */
  const unreadable = new Set<string>();
  let receiver: WebhookReceiver | undefined;
  let cancel = () => {};
  let looking: Promise<void> = Promise.resolve();

  /** One that cannot be read does not keep the others from being heard. It is tried again with every look. */
  const readAccount = async (name: string, id: AccountId): Promise<AccountProfile | undefined | "unreadable"> => {
    try {
      const profile = await keeper.accounts.find(id);
      unreadable.delete(name);
      return profile;
    } catch (error) {
      if (!unreadable.has(name)) {
        log.error("cannot listen for approved tokens", { account: accountLabel(id), ...errorFields(error) });
      }
      unreadable.add(name);
      return "unreadable";
    }
  };

  const look = async () => {
    const entries = (await keeper.vault.list()).filter(({ kind }) => kind === "account");
    const current = new Map(entries.map((entry) => [`${accountLabel(entry)} ${entry.writtenAt}`, entry]));
    for (const [name, id] of current) {
      if (listening.has(name) || stopping.aborted) continue;
      const profile = await readAccount(name, id);
      if (profile === "unreadable") continue;
      if (profile?.way !== "approval" || profile.notifierKey === undefined) {
        listening.set(name, () => {});
        continue;
      }
      receiver ??= await openReceiver(port, clock.now);
      const stop = receiver.add(profile.notifierKey, (body) => takeMessage(options, id, body));
      listening.set(name, () => stop());
      log.info("listening for approved tokens", { account: accountLabel(id) });
    }
    // Last: an account that was written anew has its new entry by now, and no message fell between.
    for (const [name, stop] of listening) {
      if (current.has(name)) continue;
      stop();
      listening.delete(name);
    }
    for (const name of unreadable) if (!current.has(name)) unreadable.delete(name);
    if (stopping.aborted) receiver?.close();
  };
  /** One look at a time, or an account would be added twice. */
  const lookInTurn = () => {
    const turn = looking.then(look);
    looking = turn.catch(() => {});
    return turn;
  };
  const refresh = () =>
    lookInTurn().catch((error: unknown) => log.error("cannot listen for approved tokens", errorFields(error)));
  const again = () => {
    if (stopping.aborted) return;
    cancel = clock.after(LOOK_EVERY_MS, () => refresh().then(again));
  };
  stopping.addEventListener(
    "abort",
    () => {
      cancel();
      receiver?.close();
    },
    { once: true },
  );
  return {
    async open() {
      await lookInTurn();
      again();
    },
    refresh,
    port: () => receiver?.port,
  };
}

async function openReceiver(port: number, now: () => number): Promise<WebhookReceiver> {
  try {
    return await openWebhookReceiver({ port, now });
  } catch (error) {
    if (!(error instanceof PortInUse || error instanceof CannotListen)) throw error;
    const why = error instanceof PortInUse ? "is in use" : "cannot be opened";
    throw new KeeperError("PORT_TAKEN", `port ${port}, where approved tokens are posted, ${why}`, {
      cause: error,
      nextStep: "A login that waits for an approval may hold it: let it finish, or end the program that has it.",
    });
  }
}

/** Whatever becomes of it, the sender has its answer already (S-84). */
function takeMessage({ keeper, clock, log, stopping }: WebhookEndpointOptions, id: AccountId, body: unknown): void {
  const account = accountLabel(id);
  const take = async () => {
    // As it is now: the account may have learnt its user since.
    const profile = await keeper.accounts.load(id);
    const broker = openBrokers({ now: clock.now }).get(id.broker);
    if (!broker) return;
    const session = await takeNotification(body, {
      profile,
      broker,
      vault: keeper.vault,
      accept: (token) => keeper.accept(id, token, stopping),
      now: clock.now,
      setTimer: (callback, milliseconds) => clock.after(milliseconds, callback),
      signal: stopping,
    });
    log.info(session ? "an approved token was taken" : "a message changed nothing", { account });
  };
  take().catch((error: unknown) => {
    if (!stopping.aborted) log.warn("an approved token could not be taken", { account, ...errorFields(error) });
  });
}
