/**
 * The accounts of a vault: many per broker, each with its app, its way in and its secrets. Secrets are in the vault
 * only.
 */
import { randomBytes } from "node:crypto";
import {
  type AccountId,
  type AccountProfile,
  accountLabel,
  DEFAULT_ACCOUNT,
  type LoginFactors,
  type LoginWay,
  requireAccountName,
} from "./account.ts";
import {
  accountEntry,
  factorsEntry,
  readAccountRecord,
  readFactorsRecord,
  writeAccountRecord,
  writeFactorsRecord,
} from "./account-record.ts";
import { type AccountProblem, problemOfOne } from "./account-status.ts";
import { requireHost } from "./broker-host.ts";
import type { AccountField, Broker } from "./brokers/broker.ts";
import { KeeperError } from "./keeper-error.ts";
import { Secret } from "./secret.ts";
import { withSessionLock } from "./session-lock.ts";
import type { Vault } from "./vault/vault.ts";
import { unlessDamaged } from "./vault/vault-failure.ts";

/** What an owner says about a new account; which fields a way in needs is in the broker's `fields`. */
export interface NewAccount {
  readonly broker: string;
  /** @defaultValue `default` */
  readonly account?: string | undefined;
  /** @defaultValue the broker's usual way */
  readonly way?: LoginWay | undefined;
  /** The app's API key. */
  readonly clientId: string;
  readonly clientSecret?: string | Secret | undefined;
  /** As registered: a loopback address with a fixed port, `http://127.0.0.1:7475/callback` for instance. */
  readonly redirectUri?: string | undefined;
  /** The broker's user id; learnt at the first login when absent. */
  readonly userId?: string | undefined;
  /** Where the broker's API is, when not at its own address. */
  readonly host?: string | undefined;
  /** PIN or password of the direct login: stored under a key of its own, and only for the way that needs it (S-78). */
  readonly password?: string | Secret | undefined;
  /** TOTP seed, base32; as `password`. */
  readonly totpSecret?: string | Secret | undefined;
  /** Replaces an account of the same name, and forgets its session. */
  readonly replace?: boolean | undefined;
}

/** An account of the vault; `problem` when this Kunji can do nothing with it, `profile` when it can be read. */
export interface ListedAccount extends AccountId {
  readonly profile: AccountProfile | undefined;
  readonly problem: AccountProblem | undefined;
}

export interface Accounts {
  /** @throws KeeperError `USAGE` with every problem, or when there is one of this name */
  readonly add: (account: NewAccount) => Promise<AccountProfile>;
  /** By broker and name. @throws KeeperError also when one of them alone cannot be read */
  readonly list: () => Promise<AccountProfile[]>;
  /** The same with those that this Kunji cannot read or whose broker it does not know: what people are shown. */
  readonly listAll: () => Promise<ListedAccount[]>;
  readonly find: (id: AccountId) => Promise<AccountProfile | undefined>;
  /** @throws KeeperError `UNKNOWN_ACCOUNT` */
  readonly load: (id: AccountId) => Promise<AccountProfile>;
  /** Forgets an account with its session and factors. A session stays alive at the broker: log out first. @returns whether there was one */
  readonly remove: (id: AccountId) => Promise<boolean>;
  readonly factors: (id: AccountId) => Promise<LoginFactors | undefined>;
  /** Writes down whose account it is. */
  readonly learnUser: (profile: AccountProfile, userId: string) => Promise<void>;
}

export function openAccounts(vault: Vault, brokers: ReadonlyMap<string, Broker>): Accounts {
  const find = async (id: AccountId): Promise<AccountProfile | undefined> => {
    const content = await vault.read(accountEntry(id));
    return content === undefined ? undefined : readAccountRecord(content, id);
  };

  const ids = async (): Promise<AccountId[]> =>
    (await vault.list())
      .filter(({ kind }) => kind === "account")
      .map(profileId)
      .sort((a, b) => accountLabel(a).localeCompare(accountLabel(b), "en"));

  /** @returns undefined for one that was removed meanwhile */
  const look = async (id: AccountId): Promise<ListedAccount | undefined> => {
    // First: what an unknown broker's account holds may be unknown as well, and is not damaged for that.
    const unknown = brokers.has(id.broker) ? undefined : unknownBroker(id);
    try {
      const profile = await find(id);
      return profile && { ...id, profile, problem: unknown };
    } catch (error) {
      const unreadable = problemOfOne(error);
      return { ...id, profile: undefined, problem: unknown ?? unreadable };
    }
  };

  return {
    async add(given) {
      const broker = requireBroker(brokers, given.broker);
      const { profile: wanted, factors } = readNewAccount(given, broker);
      return await withSessionLock(vault, wanted, async () => {
        const before = given.replace ? await find(wanted).catch(unlessDamaged) : await find(wanted);
        if (given.replace !== true && before !== undefined) {
          throw new KeeperError("USAGE", `there is an account ${accountLabel(wanted)} already`, {
            nextStep: "Choose another name, or replace it.",
          });
        }
        const profile = keepNotifierKey(wanted, before);
        for (const kind of ["session", "pending", "factors"] as const)
          await vault.remove({ ...profileId(profile), kind });
        // Last: an account that is there is complete.
        if (factors !== undefined) await vault.write(factorsEntry(profile), writeFactorsRecord(factors));
        await vault.write(accountEntry(profile), writeAccountRecord(profile));
        return profile;
      });
    },

    async list() {
      const profiles = await Promise.all((await ids()).map(find));
      return profiles.filter((profile) => profile !== undefined);
    },

    async listAll() {
      const listed = await Promise.all((await ids()).map(look));
      return listed.filter((account) => account !== undefined);
    },

    find,

    async load(id) {
      requireBroker(brokers, id.broker);
      const profile = await find(id);
      if (profile !== undefined) return profile;
      const name = id.account === DEFAULT_ACCOUNT ? "" : ` --account ${id.account}`;
      throw new KeeperError("UNKNOWN_ACCOUNT", `there is no account ${accountLabel(id)} in ${vault.place}`, {
        nextStep: `Run: kunji accounts add ${id.broker}${name}`,
      });
    },

    async remove(id) {
      return await withSessionLock(vault, id, async () => {
        for (const kind of ["session", "pending", "factors"] as const) await vault.remove({ ...profileId(id), kind });
        return await vault.remove(accountEntry(id));
      });
    },

    async factors(id) {
      const content = await vault.read(factorsEntry(id));
      return content === undefined ? undefined : readFactorsRecord(content, id);
    },

    async learnUser(profile, userId) {
      await vault.write(accountEntry(profile), writeAccountRecord({ ...profile, userId }));
    },
  };
}

/** @throws KeeperError `USAGE` */
export function requireBroker(brokers: ReadonlyMap<string, Broker>, name: string): Broker {
  const broker = brokers.get(name);
  if (broker !== undefined) return broker;
  throw new KeeperError("USAGE", "there is no such broker", {
    nextStep: `Choose one of: ${[...brokers.keys()].join(", ")}`,
  });
}

function unknownBroker({ broker }: AccountId): AccountProblem {
  return {
    code: "USAGE",
    message: `this Kunji does not know the broker ${broker}`,
    nextStep: "A newer one added the account: update Kunji on this machine.",
  };
}

function profileId({ broker, account }: AccountId): AccountId {
  return { broker, account };
}

function readNewAccount(
  given: NewAccount,
  broker: Broker,
): { profile: AccountProfile; factors: LoginFactors | undefined } {
  const way = given.way ?? (broker.ways[0] as LoginWay);
  const account = given.account ?? DEFAULT_ACCOUNT;
  const texts: Record<AccountField["name"], string | undefined> = {
    clientId: given.clientId,
    clientSecret: reveal(given.clientSecret),
    redirectUri: given.redirectUri,
    password: reveal(given.password),
    totpSecret: reveal(given.totpSecret),
  };
  const problems = broker.ways.includes(way)
    ? broker.fields.flatMap((field) => problemWith(field, way, texts[field.name]))
    : [`${broker.title} has no ${way} login: choose ${broker.ways.join(" or ")}`];
  try {
    requireAccountName(account);
  } catch (error) {
    problems.unshift((error as TypeError).message);
  }
  if (problems.length > 0) {
    throw new KeeperError("USAGE", `this account cannot be added: ${problems.join("; ")}`, {
      nextStep: `The values are on ${broker.title}'s page of your app.`,
    });
  }
  // What the way in does not need is not kept.
  const needs = (name: AccountField["name"]): boolean =>
    broker.fields.some((field) => field.name === name && field.ways.includes(way));
  const secret = (name: AccountField["name"]): Secret | undefined =>
    needs(name) ? new Secret(texts[name] as string) : undefined;
  const password = secret("password");
  const totpSecret = secret("totpSecret");
  const profile: AccountProfile = {
    broker: broker.name,
    account,
    way,
    clientId: given.clientId,
    clientSecret: secret("clientSecret"),
    redirectUri: needs("redirectUri") ? given.redirectUri : undefined,
    userId: given.userId,
    host: given.host,
    // S-80: nobody who does not know this path can reach the receiver.
    notifierKey: way === "approval" ? new Secret(randomBytes(32).toString("base64url")) : undefined,
  };
  requireHost(broker, profile);
  return { profile, factors: password && totpSecret && { password, totpSecret } };
}

/** A new app secret is no reason to register another notifier URL. Who wants one removes the account first. */
function keepNotifierKey(wanted: AccountProfile, before: AccountProfile | undefined): AccountProfile {
  const isSameApp = wanted.way === "approval" && before?.way === "approval" && before.clientId === wanted.clientId;
  return isSameApp ? { ...wanted, notifierKey: before.notifierKey ?? wanted.notifierKey } : wanted;
}

function reveal(secret: string | Secret | undefined): string | undefined {
  return secret instanceof Secret ? secret.reveal() : secret;
}

/** At most one sentence. Never repeats a value: it may be a secret in the wrong place. */
function problemWith(field: AccountField, way: LoginWay, value: string | undefined): string[] {
  if (!field.ways.includes(way)) return [];
  if (value === undefined || value === "") return [`${field.label} is missing`];
  if (!/^[\x20-\x7e]+$/.test(value) || value.trim() !== value) return [`${field.label} holds spaces or odd characters`];
  if (field.name === "redirectUri" && !isRedirectUri(value)) {
    return [`${field.label} must be http://127.0.0.1:<port>/<path> or https, as registered with the broker`];
  }
  if (field.name === "totpSecret" && !/^[A-Z2-7 ]{16,}=*$/i.test(value)) return [`${field.label} is not base32`];
  return [];
}

/**
 * On the loopback with a port that is always the same (RFC 8252 7.3, S-85), or https: then the person pastes the
 * address that the login ends at.
 */
function isRedirectUri(text: string): boolean {
  const isLoopback = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\/[^?#]*$/.test(text);
  return (isLoopback || /^https:\/\/[^?#@]+$/.test(text)) && URL.canParse(text);
}
