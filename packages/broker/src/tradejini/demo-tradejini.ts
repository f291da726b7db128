import type { TradejiniLimits } from "@kunji/contract/tradejini";
import { keyedDigest } from "../crypto/digest.ts";
import { demoBytes, demoDigits, demoNumber, demoTotpSecret, hashDemoPins } from "../demo/demo-data.ts";
import { panDigest } from "../login/recover-pin.ts";
import { sealTotpSecret } from "../login/verify-totp.ts";
import type { DemoPeople } from "../pages/index.ts";
import type { BrokerParts } from "../parts.ts";
import { findAccount, type NewAccount, saveAccount } from "../store/accounts.ts";
import { adoptClient, findClient, type NewClient, replaceRedirectUris, saveClient } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";
import { tradejini } from "./identity.ts";
import type { TradejiniProfile } from "./profile-data.ts";

/** The demo app that logs its owner in directly, as `serve --json` prints it (design.md section 5). */
export interface TradejiniDemoIndividualApp {
  /** The API key. */
  readonly clientId: string;
  /** Whose account it is: the first customer's. */
  readonly clientCode: string;
}

/** The demo app for any customer. */
export interface TradejiniDemoUserApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

export interface TradejiniDemoCustomer {
  readonly clientCode: string;
  readonly password: string;
  readonly totpSecret: string;
}

export interface TradejiniDemo {
  readonly individualApp: TradejiniDemoIndividualApp;
  readonly userApp: TradejiniDemoUserApp;
  readonly customers: readonly TradejiniDemoCustomer[];
}

export interface TradejiniDemoOptions {
  readonly customers: number;
  readonly redirectUri: string;
}

/** The demo data for N customers; customer n is the same person for every N. */
export function tradejiniDemo(options: TradejiniDemoOptions): TradejiniDemo {
  const customers = Array.from({ length: options.customers }, (_, index) => demoCustomer(index));
  return {
    individualApp: { clientId: hexKey("tradejini individual app"), clientCode: customers[0]?.clientCode ?? "" },
    userApp: {
      clientId: hexKey("tradejini user app"),
      clientSecret: hexKey("tradejini user app secret"),
      redirectUri: options.redirectUri,
    },
    customers,
  };
}

/** Whom one can log in as, for the inbox page. */
export function tradejiniPeople({ customers }: TradejiniDemo): DemoPeople {
  return {
    brokerName: tradejini.brokerName,
    columns: ["Client code", "Password", "Mobile"],
    customers: customers.map(({ clientCode, password, totpSecret }, index) => ({
      name: `Demo Customer ${index + 1}`,
      values: [clientCode, password, demoMobile(index)],
      totpSecret,
    })),
  };
}

/** Where the SMS of a demo customer goes. @throws TypeError for somebody else */
export function tradejiniMobile({ customers }: TradejiniDemo, { clientCode }: TradejiniDemoCustomer): string {
  const index = customers.findIndex((customer) => customer.clientCode === clientCode);
  if (index < 0) throw new TypeError("not a demo customer");
  return demoMobile(index);
}

/**
 * Writes apps and customers; those that exist already stay as they are, but apps get an owner, and the app's
 * address follows the options.
 */
export async function seedTradejiniDemo(parts: BrokerParts, demo: TradejiniDemo): Promise<void> {
  const { db, clock } = parts;
  const now = clock.now();
  const missing = await db.read(() => withoutAccount(demo.customers));
  const hashes = await hashDemoPins(
    parts,
    missing.map(({ customer }) => customer.password),
  );
  const accounts = missing.map(({ customer, index }, at) => newAccount(parts, customer, index, hashes[at] ?? null));
  await db.write(function* () {
    for (const account of accounts) {
      // Replicas that start together make the same people; the second one finds them.
      if (!(yield* findAccount(account.accountId))) yield* saveAccount(account, now);
    }
    const owner = demo.customers[0] ? accountIdOf(demo.customers[0]) : null;
    const { individualApp, userApp } = demo;
    if (!(yield* findClient(tradejini.name, individualApp.clientId))) {
      yield* saveClient(newIndividualApp(individualApp, owner), now);
    }
    if (yield* findClient(tradejini.name, userApp.clientId)) {
      yield* replaceRedirectUris(userApp.clientId, [userApp.redirectUri]);
    } else {
      yield* saveClient(newUserApp(parts, userApp, owner), now);
    }
    for (const { clientId } of [individualApp, userApp]) yield* adoptClient(clientId, owner);
  });
}

function newIndividualApp({ clientId }: TradejiniDemoIndividualApp, ownerAccount: string | null): NewClient {
  return {
    clientId,
    dialect: tradejini.name,
    name: "Demo Individual App",
    kind: "individual",
    audience: "owner",
    status: "active",
    native: false,
    redirectUris: [],
    flows: ["individual_token"],
    ownerAccount,
    // Its key is all it has (protocol/tradejini.md 2).
    secretDigest: null,
    notifierUrl: null,
    webhookSecret: null,
  };
}

function newUserApp(parts: BrokerParts, app: TradejiniDemoUserApp, ownerAccount: string | null): NewClient {
  return {
    clientId: app.clientId,
    dialect: tradejini.name,
    name: "Demo Order Desk",
    kind: "business",
    audience: "everyone",
    status: "active",
    native: false,
    redirectUris: [app.redirectUri],
    flows: ["authorization_code", "order_connect"],
    ownerAccount,
    secretDigest: keyedDigest(parts.keys.clientSecret, app.clientSecret),
    notifierUrl: null,
    webhookSecret: null,
  };
}

interface MissingCustomer {
  readonly customer: TradejiniDemoCustomer;
  readonly index: number;
}

function* withoutAccount(customers: readonly TradejiniDemoCustomer[]): Verb<MissingCustomer[]> {
  const missing: MissingCustomer[] = [];
  for (const [index, customer] of customers.entries()) {
    if (!(yield* findAccount(accountIdOf(customer)))) missing.push({ customer, index });
  }
  return missing;
}

function accountIdOf({ clientCode }: TradejiniDemoCustomer): string {
  return `${tradejini.name}:${clientCode}`;
}

/** 32 hex digits, as the vendor's keys and secrets look. */
function hexKey(name: string): string {
  return demoBytes(name).toString("hex").slice(0, 32);
}

function demoCustomer(index: number): TradejiniDemoCustomer {
  const name = `tradejini customer ${index + 1}`;
  // An affine map with a multiplier coprime to the modulus: no two customers share a client code.
  const code = (index * 48_271 + 20_011) % 36 ** 5;
  return {
    clientCode: `TJ${code.toString(36).toUpperCase().padStart(5, "0")}`,
    password: `kunji-${demoDigits(`${name} password`, 6)}`,
    totpSecret: demoTotpSecret(`${name} totp`),
  };
}

function demoMobile(index: number): string {
  return String(6_000_000_000 + ((index * 387_420_489 + 3_456_789) % 4_000_000_000));
}

function newAccount(
  parts: BrokerParts,
  customer: TradejiniDemoCustomer,
  index: number,
  pinHash: string | null,
): NewAccount {
  const accountId = accountIdOf(customer);
  const profile = profileOf(customer, index);
  return {
    accountId,
    dialect: tradejini.name,
    userId: customer.clientCode,
    loginName: customer.clientCode,
    email: profile.email,
    pinHash,
    totpSecret: sealTotpSecret(parts, accountId, customer.totpSecret),
    panDigest: panDigest(parts, profile.pan),
    profile,
    funds: [segmentOf(customer, "NSE"), segmentOf(customer, "NFO")],
  };
}

function profileOf({ clientCode }: TradejiniDemoCustomer, index: number): TradejiniProfile {
  const number = index + 1;
  const account = demoDigits(`${clientCode} bank`, 4);
  const depository = `IN30${demoDigits(`${clientCode} dp`, 4)}`;
  return {
    userId: clientCode,
    userName: `Demo Customer ${number}`,
    mobile: demoMobile(index),
    email: `demo.customer.${number}@example.in`,
    pan: `DEMOP${demoDigits(`${clientCode} pan`, 4)}T`,
    dpId: depository,
    bankDetails: [{ bankName: "Demo Bank", accNo: `XXXX${account}`, ifsc: "DEMO0000001" }],
    dpIds: [depository],
    products: ["cnc", "mis", "nrml"],
    segments: ["NSE", "BSE", "NFO"],
  };
}

/** Funds of one segment; available is credits less what is used, as documented (protocol/tradejini.md 7). */
function segmentOf({ clientCode }: TradejiniDemoCustomer, segment: string): TradejiniLimits {
  const paise = (what: string, most: number) => demoNumber(`${clientCode} ${segment} ${what}`, 0, most * 100);
  const credits = 4_000_000 + paise("credits", 300_000);
  const used = paise("used", 30_000);
  return {
    segment,
    totalCredits: credits / 100,
    availMargin: (credits - used) / 100,
    availCash: (credits - used) / 100,
    payIn: 0,
    payOut: 0,
    unclearedCash: 0,
    dayCash: 0,
    adHocMargin: 0,
    stockCollateral: 0,
    marginUsed: used / 100,
    span: 0,
    exposure: 0,
    premium: 0,
    realizedPnl: -paise("realized", 400) / 100,
    unrealizedPnL: paise("unrealized", 400) / 100,
    turnover: 0,
    pendOrdValue: 0,
  };
}
