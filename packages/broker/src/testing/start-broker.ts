import { randomBytes } from "node:crypto";
import type { SettableClock } from "../clock.ts";
import type { Fault } from "../control/faults.ts";
import type { SeenRequest } from "../control/request-log.ts";
import type { Randomness } from "../crypto/random.ts";
import { DEMO_DEFAULTS } from "../demo/demo.ts";
import type { InboxEntry } from "../demo/demo-inbox.ts";
import type { OrderGateway } from "../orders/order-gateway.ts";
import { type RunningBroker, startServer } from "../server.ts";
import { readSettings, type Settings, settingsTable } from "../settings.ts";
import { totpCode } from "../totp/totp.ts";
import { type TradejiniDemo, tradejiniMobile } from "../tradejini/demo-tradejini.ts";
import type { UpstoxDemo } from "../upstox/demo-upstox.ts";
import { type CustomerStep, type LoginResult, logInAsCustomer } from "./scripted-customer.ts";
import { type TradejiniLoginOptions, tradejiniAnswers, tradejiniAuthorizationUrl } from "./tradejini-login.ts";
import { type UpstoxLoginOptions, upstoxAnswers, upstoxAuthorizationUrl } from "./upstox-login.ts";

export interface StartBrokerOptions {
  /** How many demo customers each broker has; 10 by default. */
  readonly customers?: number;
  /** The demo apps' redirect URI. Nothing needs to listen there: `login()` reads the redirect itself. */
  readonly redirectUri?: string;
  /** Where approved tokens are posted. */
  readonly notifierUrl?: string;
  /** `sqlite:PATH` or `postgres://...`; in memory by default. */
  readonly database?: string;
  /** Needed with a file that is opened again; 32 bytes. */
  readonly masterKey?: Buffer;
  /** Settings that differ, by their `KUNJI_*` name. Limits on one person's logins are lifted unless given here. */
  readonly settings?: Partial<Settings>;
  readonly random?: Randomness;
  /** Takes the orders that customers approve, instead of the broker's own book. */
  readonly orderGateway?: OrderGateway;
}

/** A broker of your own, for a test. Dispose it with `close()` or `await using`. */
export interface TestBroker extends AsyncDisposable {
  /** Base URL of every API. */
  readonly url: string;
  readonly upstox: UpstoxDemo;
  readonly tradejini: TradejiniDemo;
  /** The broker's clock: runs on its own, and can be set, advanced and frozen. */
  readonly clock: SettableClock;
  readonly faults: {
    readonly inject: (fault: Fault) => void;
    readonly clear: () => void;
  };
  /** What arrived, oldest first, with secrets replaced. */
  readonly requests: () => readonly SeenRequest[];
  /** What the broker "sent", newest first. */
  readonly inbox: () => Promise<InboxEntry[]>;
  /** A scripted customer logs in through the real pages. @throws Error with the page's words when it does not go on */
  readonly login: <Broker extends keyof LoginOptions>(
    broker: Broker,
    options?: LoginOptions[Broker],
    watch?: (step: CustomerStep) => void,
  ) => Promise<LoginResult>;
  /** The code an authenticator app shows for this secret, by the broker's clock. */
  readonly totpCode: (totpSecret: string) => string;
  /** Waits for webhooks and messages that are on their way. */
  readonly settled: () => Promise<void>;
  /** Back to fresh demo data, the real time, no faults and no requests. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** The running server itself, for tests of the broker's inside. */
  readonly server: RunningBroker;
}

/** How a login can differ, by broker. */
export interface LoginOptions {
  readonly upstox: UpstoxLoginOptions;
  readonly tradejini: TradejiniLoginOptions;
}

/** One test file logs the same person in again and again; production lets a number have three codes in ten minutes. */
const LIFTED = [
  "KUNJI_OTP_PER_NUMBER",
  "KUNJI_OTP_TOTAL",
  "KUNJI_TOKEN_REQUESTS_PER_HOUR",
] as const satisfies readonly (keyof Settings)[];

/**
 * Starts a broker with demo data on a free loopback port, in memory unless told otherwise. Several may run side by
 * side; nothing is left behind when it is closed.
 */
export async function startBroker(options: StartBrokerOptions = {}): Promise<TestBroker> {
  const lifted = Object.fromEntries(LIFTED.map((name) => [name, settingsTable[name].max]));
  const server = await startServer({
    port: 0,
    host: "127.0.0.1",
    database: options.database ?? "sqlite::memory:",
    masterKey: options.masterKey ?? randomBytes(32),
    settings: { ...readSettings({}), ...lifted, ...options.settings },
    demo: {
      customers: options.customers ?? DEMO_DEFAULTS.customers,
      redirectUri: options.redirectUri ?? DEMO_DEFAULTS.redirectUri,
      notifierUrl: options.notifierUrl ?? DEMO_DEFAULTS.notifierUrl,
    },
    control: true,
    ...(options.random ? { random: options.random } : {}),
    orderGateway: options.orderGateway,
  });
  const { control, demo, inbox } = server;
  if (!control || !demo || !inbox) throw new Error("the test broker started without control or demo data");

  const readInbox = async () => {
    await server.settled();
    return await inbox.list();
  };
  const readOtp = async (mobileNumber: string) => {
    const message = (await readInbox()).find((entry) => entry.to === mobileNumber && entry.otp !== undefined);
    if (!message?.otp) throw new Error("no code was sent to this customer");
    return message.otp;
  };
  const codeFor = (totpSecret: string) => totpCode(totpSecret, control.clock.now() / 1000);
  const close = () => server.close(1_000);

  type Login<Options> = (options: Options, watch?: (step: CustomerStep) => void) => Promise<LoginResult>;
  const logins: { readonly [Broker in keyof LoginOptions]: Login<LoginOptions[Broker]> } = {
    upstox(options, watch) {
      const customer = options.customer ?? firstOf(demo.upstox.customers);
      const url = upstoxAuthorizationUrl(server.url, demo.upstox.app, options);
      return logInAsCustomer(url, upstoxAnswers(customer, readOtp), watch);
    },
    tradejini(options, watch) {
      const customer = options.customer ?? firstOf(demo.tradejini.customers);
      const url = tradejiniAuthorizationUrl(server.url, demo.tradejini.userApp, options);
      const type = options.twoFaType ?? "otp";
      const read = async () =>
        type === "totp" ? codeFor(customer.totpSecret) : await readOtp(tradejiniMobile(demo.tradejini, customer));
      return logInAsCustomer(url, tradejiniAnswers(customer, { type, read }), watch);
    },
  };

  return {
    url: server.url,
    upstox: demo.upstox,
    tradejini: demo.tradejini,
    clock: control.clock,
    faults: { inject: (fault) => control.faults.add(fault), clear: () => control.faults.clear() },
    requests: () => control.requests.list(),
    inbox: readInbox,
    login: (broker, loginOptions, watch) => logins[broker](loginOptions ?? {}, watch),
    totpCode: codeFor,
    settled: server.settled,
    reset: control.reset,
    close,
    server,
    [Symbol.asyncDispose]: close,
  };
}

function firstOf<Customer>(customers: readonly Customer[]): Customer {
  const [first] = customers;
  if (!first) throw new TypeError("there are no demo customers");
  return first;
}
