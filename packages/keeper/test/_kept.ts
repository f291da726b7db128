import { type StartBrokerOptions, startBroker, type TestBroker } from "@kunji/broker/testing";
import { type Keeper, type KeeperError, type KeeperOptions, type NewAccount, openKeeper } from "../src/index.ts";
import { first, freeRedirectUri, type ScriptedPerson, scriptedPerson } from "./_customer.ts";
import { type TestHome, testHome } from "./_vault.ts";

/** Thursday 2026-11-19, 10:00 IST: everything is open. */
export const MORNING = Date.parse("2026-11-19T10:00:00+05:30");

/** A broker, a home for vaults, and keepers that share both. */
export interface Kept extends AsyncDisposable {
  readonly broker: TestBroker;
  readonly home: TestHome;
  readonly person: ScriptedPerson;
  /** One more keeper, with a vault of its own on the same files: as another process has it. */
  readonly keeper: (options?: KeeperOptions) => Promise<Keeper>;
}

/** The demo apps as accounts of a keeper. */
export function demoAccount(broker: TestBroker, name: "upstox" | "tradejini" | "tradejini-totp"): NewAccount {
  const host = broker.url;
  if (name === "upstox") return { broker: "upstox", host, ...broker.upstox.app };
  if (name === "tradejini") return { broker: "tradejini", host, ...broker.tradejini.userApp };
  const { clientId, clientCode } = broker.tradejini.individualApp;
  const owner = first(broker.tradejini.customers.filter((each) => each.clientCode === clientCode));
  const { password, totpSecret } = owner;
  return { broker: "tradejini", account: "own", way: "totp", host, clientId, password, totpSecret };
}

/** @param vault a `postgres://` URL instead of files */
export async function startKept(options: StartBrokerOptions = {}, vault?: string): Promise<Kept> {
  const redirectUri = await freeRedirectUri();
  const broker = await startBroker({ redirectUri, ...options });
  broker.clock.set(MORNING);
  const home = await testHome(vault);
  const keepers: Keeper[] = [];
  return {
    broker,
    home,
    person: scriptedPerson(broker),
    async keeper(keeperOptions = {}) {
      const keeper = await openKeeper({ vault: await home.open(), clock: clockOf(broker), ...keeperOptions });
      keepers.push(keeper);
      return keeper;
    },
    async [Symbol.asyncDispose]() {
      for (const keeper of keepers) await keeper.close();
      await home[Symbol.asyncDispose]();
      await broker.close();
    },
  };
}

/** The broker's clock, jumps and all, as the keeper's own. */
export function clockOf({ clock }: TestBroker): NonNullable<KeeperOptions["clock"]> {
  return { now: () => clock.now(), onJump: (jumped) => clock.onJump(jumped) };
}

/** What a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<KeeperError> {
  return await promise.then(
    (value) => {
      throw new Error(`it did not fail, but gave ${typeof value}`);
    },
    (error: KeeperError) => error,
  );
}
