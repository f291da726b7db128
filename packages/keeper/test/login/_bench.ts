/** Everything a login needs, real but for clock, timers and the person: a vault on disk, accounts, brokers, proof. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptToken, readStored } from "../../src/accept-token.ts";
import type { AccountProfile, Session } from "../../src/account.ts";
import { type Accounts, type NewAccount, openAccounts } from "../../src/accounts.ts";
import type { Broker } from "../../src/brokers/broker.ts";
import { tradejiniBroker } from "../../src/brokers/tradejini.ts";
import { upstoxBroker } from "../../src/brokers/upstox.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { openFileVault } from "../../src/vault/file-vault.ts";
import type { Vault } from "../../src/vault/vault.ts";
import type { TestPerson } from "./_test-person.ts";
import { TestTimers } from "./_test-timers.ts";

export interface Bench extends AsyncDisposable {
  readonly vault: Vault;
  readonly accounts: Accounts;
  readonly profile: AccountProfile;
  readonly broker: Broker;
  readonly timers: TestTimers;
  /** A login as the keeper would ask for it. */
  readonly request: (person: TestPerson | undefined, changes?: Partial<LoginRequest>) => LoginRequest;
  readonly storedSession: () => Promise<Session | undefined>;
}

export interface BenchOptions {
  readonly account: NewAccount;
  /** Epoch milliseconds. @defaultValue the machine's clock */
  readonly now?: () => number;
  /** A broker that is neither of the two. */
  readonly broker?: Broker;
}

export async function openBench({ account, now = Date.now, broker: given }: BenchOptions): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), "kunji-login-"));
  const keys = { main: `file:${root}/main.key`, factors: `file:${root}/factors.key`, keyFolder: root };
  const vault = await openFileVault({ directory: join(root, "vault"), keys, now });
  const brokers = new Map(
    [upstoxBroker({ now }), tradejiniBroker({ now }), ...(given ? [given] : [])].map((each) => [each.name, each]),
  );
  const accounts = openAccounts(vault, brokers);
  const profile = await accounts.add(account);
  const broker = brokers.get(account.broker);
  if (!broker) throw new TypeError(`there is no broker ${account.broker}`);
  const timers = new TestTimers();
  const storedSession = async () => (await readStored(vault, profile)).session;
  return {
    vault,
    accounts,
    profile,
    broker,
    timers,
    storedSession,
    request: (person, changes) => {
      const signal = changes?.signal ?? new AbortController().signal;
      return {
        profile,
        broker,
        person,
        vault,
        factors: () => accounts.factors(profile),
        noteAttempt: async () => {},
        accept: (token) =>
          acceptToken({ vault, accounts, broker, now }, profile, token, { obtainedBy: profile.way, signal }),
        stored: storedSession,
        now,
        setTimer: timers.setTimer,
        signal,
        ...changes,
      };
    },
    async [Symbol.asyncDispose]() {
      timers.fireAll();
      await vault.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Somebody else's program on a port, until it is disposed. */
export async function occupy(port: number, host = "127.0.0.1"): Promise<AsyncDisposable> {
  const server = createServer((_, response) => response.end("somebody else's"));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
