/**
 * The keeper: a valid token for every account, for whoever asks, from one login a day.
 */
import { setMaxListeners } from "node:events";
import {
  type AccountId,
  type AccountProfile,
  accountLabel,
  DEFAULT_ACCOUNT,
  requireAccountName,
  type Session,
} from "./account.ts";
import { AccountKeeper, type AccountKeeperDeps, type SessionDemand } from "./account-keeper.ts";
import { type AccountProblem, type AccountStatus, describeUnusable, problemOfOne } from "./account-status.ts";
import { type Accounts, type ListedAccount, type NewAccount, openAccounts, requireBroker } from "./accounts.ts";
import type { AccountField, Broker, IssuedToken } from "./brokers/broker.ts";
import { apiMakers, type BrokerApis, type BrokerName, brokerNames, openBrokers } from "./brokers/brokers.ts";
import { systemClock } from "./keeper-clock.ts";
import { KeeperError } from "./keeper-error.ts";
import { KeeperEvents, type KeeperEventType, type KeeperListener } from "./keeper-events.ts";
import { expiringMinutesOf, type KeeperOptions } from "./keeper-options.ts";
import type { Person } from "./login/login-way.ts";
import { waysIn } from "./login-ways.ts";
import type { SessionCheck } from "./session-check.ts";
import { openVault } from "./vault/open-vault.ts";
import type { Vault } from "./vault/vault.ts";

/** Which account, and how long to wait for it. */
export interface AccountChoice {
  /** @defaultValue `default` */
  readonly account?: string | undefined;
  /** Ends the wait; its reason is thrown. A login that nobody waits for any more ends too. */
  readonly signal?: AbortSignal | undefined;
}

export interface TokenOptions extends AccountChoice {
  /** Wait for somebody else's login when nobody can be asked here. @defaultValue the keeper's `wait` */
  readonly wait?: boolean | undefined;
}

export interface LoginOptions extends AccountChoice {
  /** @defaultValue the keeper's `person` */
  readonly person?: Person | undefined;
}

/** What a broker asks about a new account, for forms and prompts. */
export interface BrokerInfo {
  readonly name: string;
  readonly title: string;
  /** The usual one first. */
  readonly ways: Broker["ways"];
  readonly fields: readonly AccountField[];
}

/** Where a broker is reached for one account. */
export interface BrokerWhereabouts {
  /** Base URL of its API. */
  readonly host: string;
  /** The login page's address with this state; browser accounts only. */
  readonly loginUrl: (state: string) => string;
}

/** `keeper.upstox(account)`, `keeper.tradejini(account)`: API objects whose token renews under them. */
export type BrokerApiMakers = {
  readonly [Name in BrokerName]: (account?: string, options?: { readonly wait?: boolean }) => Promise<BrokerApis[Name]>;
};

export interface Keeper extends BrokerApiMakers, AsyncDisposable {
  /**
   * A valid access token: out of memory or the vault; else by waiting for whoever logs in; else by logging in.
   * @returns the token itself. Tradejini calls want `<api_key>:<token>`, see `TradejiniClient.bearerPair`
   * @throws LoginRequired when nobody can be asked
   * @throws KeeperError by its `code`
   */
  readonly token: (broker: string, options?: TokenOptions) => Promise<string>;
  /** The same with whose it is and when it ends. Printing it masks the token. */
  readonly session: (broker: string, options?: TokenOptions) => Promise<Session>;
  /** Logs in by the account's way, also when there is a valid token. */
  readonly login: (broker: string, options?: LoginOptions) => Promise<Session>;
  /** Ends the session at the broker and forgets it. @returns whether there was one */
  readonly logout: (broker: string, options?: AccountChoice) => Promise<boolean>;
  /**
   * Asks the broker whether it still takes the token, for a program that was refused with it. A dead one is not handed
   * out any more, to anybody who shares the vault. The broker is asked at most once in 5 s; in between its last answer
   * counts.
   */
  readonly check: (broker: string, options?: AccountChoice) => Promise<SessionCheck>;
  /** How every account stands; one that this Kunji can do nothing with is `unusable` and says why. */
  readonly status: () => Promise<AccountStatus[]>;
  /** Proves a token that came for an account by other means (a webhook, say), and stores it. @see acceptToken */
  readonly accept: (id: AccountId, token: IssuedToken, signal?: AbortSignal) => Promise<Session>;
  /** @returns stops it */
  readonly on: (type: KeeperEventType, listener: KeeperListener) => () => void;
  readonly accounts: Pick<Accounts, "find" | "list" | "listAll" | "load" | "remove"> & {
    /** @throws KeeperError `USAGE` with everything that is wrong */
    readonly add: (account: NewAccount) => Promise<AccountProfile>;
  };
  readonly brokers: readonly BrokerInfo[];
  /** Where an account's broker is reached, for diagnosis. */
  readonly whereabouts: (profile: AccountProfile) => BrokerWhereabouts;
  readonly vault: Vault;
  /** Ends waits, alarms and watches, and closes a vault that the keeper opened. */
  readonly close: () => Promise<void>;
}

/**
 * Opens a keeper on a vault.
 * @throws KeeperError `VAULT_LOCKED`, `VAULT_UNSAFE`, `VAULT_UNAVAILABLE`, `USAGE`
 */
export async function openKeeper(options: KeeperOptions = {}): Promise<Keeper> {
  const expiringMinutes = expiringMinutesOf(options);
  const vault = await vaultOf(options);
  const clock = options.clock ?? systemClock;
  const wire = { now: clock.now };
  const brokers = openBrokers(wire);
  const accounts = openAccounts(vault, brokers);
  const events = new KeeperEvents();
  const closing = new AbortController();
  // Everybody who waits listens to it, and they may be many.
  setMaxListeners(0, closing.signal);
  const deps: AccountKeeperDeps = {
    vault,
    accounts,
    clock,
    events,
    expiringMinutes,
    ways: { ...waysIn, ...options.ways },
    log: options.log ?? (() => {}),
    webhookPort: options.webhookPort,
    closed: closing.signal,
  };

  const keepers = new Map<string, AccountKeeper>();
  const keeperOf = (brokerName: string, account: string = DEFAULT_ACCOUNT): AccountKeeper => {
    closing.signal.throwIfAborted();
    const key = accountLabel({ broker: brokerName, account });
    let keeper = keepers.get(key);
    if (keeper === undefined) {
      const broker = requireBroker(brokers, brokerName);
      keeper = new AccountKeeper({ broker: brokerName, account: requireAccountName(account) }, broker, deps);
      keepers.set(key, keeper);
      if (events.isHeard) keeper.follow();
    }
    return keeper;
  };
  /** A name that is no account's - mistyped, or removed by now - is not followed for ever because somebody asked. */
  const withKeeper = async <T>(
    broker: string,
    account: string | undefined,
    work: (keeper: AccountKeeper) => Promise<T>,
  ): Promise<T> => {
    const keeper = keeperOf(broker, account);
    try {
      return await work(keeper);
    } catch (error) {
      if (error instanceof KeeperError && error.code === "UNKNOWN_ACCOUNT") {
        keepers.delete(accountLabel(keeper.id));
        keeper.close();
      }
      throw error;
    }
  };
  const demandOf = ({ signal, wait = options.wait ?? false }: TokenOptions): SessionDemand => ({
    person: options.person,
    wait,
    signal,
  });

  const sessionOf = (broker: string, choice: TokenOptions): Promise<Session> =>
    withKeeper(broker, choice.account, (keeper) => keeper.session(demandOf(choice)));

  /** What is wrong with one account keeps nobody from seeing the others. */
  const statusOf = async (listed: ListedAccount): Promise<AccountStatus> => {
    const { broker, account } = listed;
    const unusable = (problem: AccountProblem) =>
      describeUnusable(listed, brokers.get(broker)?.title ?? broker, problem);
    if (listed.problem !== undefined) return unusable(listed.problem);
    return await keeperOf(broker, account)
      .status()
      .catch((error: unknown) => unusable(problemOfOne(error)));
  };

  const close = async (): Promise<void> => {
    closing.abort(new KeeperError("USAGE", "the keeper was closed"));
    for (const keeper of keepers.values()) keeper.close();
    if (vault !== options.vault) await vault.close();
  };

  const apisOf =
    (name: BrokerName) =>
    (account?: string, how: { readonly wait?: boolean } = {}) =>
      withKeeper(name, account, async (keeper) => {
        const profile = await accounts.load(keeper.id);
        return apiMakers[name](profile, renewalOf(keeper, demandOf(how)), wire);
      });

  return {
    ...(Object.fromEntries(brokerNames.map((name) => [name, apisOf(name)])) as unknown as BrokerApiMakers),
    token: async (broker, choice = {}) => (await sessionOf(broker, choice)).accessToken.reveal(),
    session: async (broker, choice = {}) => await sessionOf(broker, choice),
    login: async (broker, { account, signal, person = options.person } = {}) =>
      await withKeeper(broker, account, (keeper) => keeper.login(person, signal)),
    logout: async (broker, { account, signal } = {}) =>
      await withKeeper(broker, account, (keeper) => keeper.logout(signal)),
    check: async (broker, { account, signal } = {}) =>
      await withKeeper(broker, account, (keeper) => keeper.check(signal)),
    async status() {
      return await Promise.all((await accounts.listAll()).map(statusOf));
    },
    accept: async ({ broker, account }, token, signal) =>
      await withKeeper(broker, account, (keeper) => keeper.accept(token, signal ?? closing.signal)),
    on(type, listener) {
      const stop = events.on(type, listener);
      for (const keeper of keepers.values()) keeper.follow();
      return stop;
    },
    accounts: {
      add: accounts.add,
      find: accounts.find,
      list: accounts.list,
      listAll: accounts.listAll,
      load: accounts.load,
      remove: accounts.remove,
    },
    brokers: [...brokers.values()].map(({ name, title, ways, fields }) => ({ name, title, ways, fields })),
    whereabouts(profile) {
      const broker = requireBroker(brokers, profile.broker);
      return {
        host: broker.host(profile),
        loginUrl: (state) => broker.authorizationUrl(profile, state, { pkce: undefined }),
      };
    },
    vault,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function vaultOf({ vault, clock }: KeeperOptions): Promise<Vault> {
  if (typeof vault === "object") return vault;
  return await openVault({ vault, now: clock?.now });
}

function renewalOf(keeper: AccountKeeper, demand: SessionDemand) {
  return {
    token: async (signal: AbortSignal | undefined) => (await keeper.session({ ...demand, signal })).accessToken,
    isDead: (error: unknown) => keeper.broker.judge(error) === "dead",
    refused: (token: Session["accessToken"]) => keeper.refused(token),
    sawServerTime: (seconds: number) => keeper.sawBrokerTime(seconds),
  };
}
