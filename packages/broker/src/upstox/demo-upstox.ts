import { keyedDigest } from "../crypto/digest.ts";
import { demoBytes, demoDigits, demoNumber, demoTotpSecret, demoUuid, hashDemoPins } from "../demo/demo-data.ts";
import { panDigest } from "../login/recover-pin.ts";
import { sealTotpSecret } from "../login/verify-totp.ts";
import type { DemoPeople } from "../pages/index.ts";
import type { BrokerParts } from "../parts.ts";
import { findAccount, type NewAccount, saveAccount } from "../store/accounts.ts";
import { adoptClient, findClient, replaceNotifierUrl, replaceRedirectUris, saveClient } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";
import type { UpstoxLedger } from "./funds-data.ts";
import { upstox } from "./identity.ts";
import type { UpstoxProfile } from "./profile-data.ts";

/** The demo app, as `serve --json` prints it (design.md section 5). */
export interface UpstoxDemoApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly notifierUrl: string;
}

/** A demo customer, as `serve --json` prints it, and the PAN that "Forgot PIN?" asks for. */
export interface UpstoxDemoCustomer {
  readonly userId: string;
  readonly mobileNumber: string;
  readonly totpSecret: string;
  readonly pin: string;
  readonly email: string;
  readonly userName: string;
  readonly pan: string;
}

export interface UpstoxDemo {
  readonly app: UpstoxDemoApp;
  readonly customers: readonly UpstoxDemoCustomer[];
}

export interface UpstoxDemoOptions {
  readonly customers: number;
  readonly redirectUri: string;
  readonly notifierUrl: string;
}

const DIALECT = "upstox";

/** The demo data for N customers; customer n is the same person for every N. */
export function upstoxDemo(options: UpstoxDemoOptions): UpstoxDemo {
  return {
    app: {
      clientId: demoUuid("upstox app"),
      clientSecret: demoBytes("upstox app secret").toString("base64url"),
      redirectUri: options.redirectUri,
      notifierUrl: options.notifierUrl,
    },
    customers: Array.from({ length: options.customers }, (_, index) => demoCustomer(index)),
  };
}

/** Whom one can log in as, for the inbox page. */
export function upstoxPeople({ customers }: UpstoxDemo): DemoPeople {
  return {
    brokerName: upstox.brokerName,
    columns: ["Mobile", "PIN", "PAN"],
    customers: customers.map(({ userName, mobileNumber, pin, pan, totpSecret }) => ({
      name: userName,
      values: [mobileNumber, pin, pan],
      totpSecret,
    })),
  };
}

/** Writes app and customers; those that exist already stay as they are, but the app's addresses follow the options and it gets an owner. */
export async function seedUpstoxDemo(parts: BrokerParts, demo: UpstoxDemo): Promise<void> {
  const { db, clock } = parts;
  const now = clock.now();
  const missing = await db.read(() => withoutAccount(demo.customers));
  const hashes = await hashDemoPins(
    parts,
    missing.map((customer) => customer.pin),
  );
  const accounts = missing.map((customer, index) => newAccount(parts, customer, hashes[index] ?? null));
  await db.write(function* () {
    for (const account of accounts) {
      // Replicas that start together make the same people; the second one finds them.
      if (!(yield* findAccount(account.accountId))) yield* saveAccount(account, now);
    }
    const { app } = demo;
    const owner = demo.customers[0] ? accountIdOf(demo.customers[0]) : null;
    if (yield* findClient(DIALECT, app.clientId)) {
      yield* replaceRedirectUris(app.clientId, [app.redirectUri]);
      yield* replaceNotifierUrl(app.clientId, app.notifierUrl);
      yield* adoptClient(app.clientId, owner);
      return;
    }
    yield* saveClient(
      {
        clientId: app.clientId,
        dialect: DIALECT,
        name: "Demo Trading Desk",
        kind: "business",
        audience: "everyone",
        status: "active",
        native: false,
        redirectUris: [app.redirectUri],
        flows: ["authorization_code", "token_request"],
        ownerAccount: owner,
        secretDigest: keyedDigest(parts.keys.clientSecret, app.clientSecret),
        notifierUrl: app.notifierUrl,
        webhookSecret: null,
      },
      now,
    );
  });
}

function* withoutAccount(customers: readonly UpstoxDemoCustomer[]): Verb<UpstoxDemoCustomer[]> {
  const missing: UpstoxDemoCustomer[] = [];
  for (const customer of customers) if (!(yield* findAccount(accountIdOf(customer)))) missing.push(customer);
  return missing;
}

function accountIdOf(customer: UpstoxDemoCustomer): string {
  return `${DIALECT}:${customer.userId}`;
}

function demoCustomer(index: number): UpstoxDemoCustomer {
  const number = index + 1;
  const name = `upstox customer ${number}`;
  // Affine maps with multipliers coprime to the modulus: no two customers share a user id or a mobile number.
  const userId = `K${((index * 48_271 + 11_213) % 36 ** 5).toString(36).toUpperCase().padStart(5, "0")}`;
  const mobileNumber = String(6_000_000_000 + ((index * 387_420_489 + 1_234_567) % 4_000_000_000));
  return {
    userId,
    mobileNumber,
    totpSecret: demoTotpSecret(`${name} totp`),
    pin: demoDigits(`${name} pin`, 6),
    email: `demo.customer.${number}@example.in`,
    userName: `Demo Customer ${number}`,
    pan: `DEMOP${demoDigits(`${name} pan`, 4)}K`,
  };
}

function newAccount(parts: BrokerParts, customer: UpstoxDemoCustomer, pinHash: string | null): NewAccount {
  const accountId = accountIdOf(customer);
  return {
    accountId,
    dialect: DIALECT,
    userId: customer.userId,
    loginName: customer.mobileNumber,
    email: customer.email,
    pinHash,
    totpSecret: sealTotpSecret(parts, accountId, customer.totpSecret),
    panDigest: panDigest(parts, customer.pan),
    profile: profileOf(customer),
    funds: ledgerOf(customer),
  };
}

function profileOf(customer: UpstoxDemoCustomer): UpstoxProfile {
  return {
    email: customer.email,
    exchanges: ["NSE", "NFO", "BSE", "CDS", "BFO", "BCD"],
    products: ["D", "CO", "I", "MTF"],
    broker: "UPSTOX",
    user_id: customer.userId,
    user_name: customer.userName,
    order_types: ["MARKET", "LIMIT", "SL", "SL-M"],
    user_type: "individual",
    poa: false,
    ddpi: true,
    is_active: true,
  };
}

function ledgerOf({ userId }: UpstoxDemoCustomer): UpstoxLedger {
  const paise = (what: string, min: number, max: number) => demoNumber(`${userId} ${what}`, min * 100, max * 100) / 100;
  return {
    openingBalance: paise("opening", 40_000, 400_000),
    addedToday: paise("added", 0, 5_000),
    withdrawnToday: -paise("withdrawn", 0, 2_000),
    stockSale: paise("sale", 0, 10_000),
    unpaidCharges: 0,
    lossRealised: paise("realised", 0, 500),
    lossUnrealised: paise("unrealised", 0, 500),
    spanMargin: paise("span", 0, 8_000),
    exposureMargin: paise("exposure", 0, 4_000),
    cashMargin: paise("cash margin", 0, 2_000),
    premium: 0,
    deliveryMargin: 0,
    mtf: 0,
    pledgedEquity: paise("pledged equity", 0, 50_000),
    pledgedMutualFunds: paise("pledged funds", 0, 20_000),
    pledgeSpanExposure: 0,
    profitToday: paise("profit", 0, 1_500),
    profitEarlier: 0,
  };
}
