import type { TradejiniDemo, UpstoxDemo } from "@kunji/broker/testing";
import type { DemoPeople, DemoReport } from "./demo-report.ts";
import type { DemoCustomer, LogIn } from "./log-in.ts";

/** What one broker's demo consists of; everything else is the same for all of them. */
export interface BrokerDemo {
  /** As `--broker` names it. */
  readonly name: string;
  /** The first line, behind "Kunji demo". */
  readonly headline: string;
  /** The time the broker lives at. @param realNow milliseconds since the epoch */
  readonly clock: (realNow: () => number) => DemoClock;
  /** Who goes through the login pages. */
  readonly customer: (demo: DemoAccounts) => Promise<DemoCustomer>;
  /** The logins themselves, told step by step. @throws ApiException, CallbackException */
  readonly walk: (options: WalkOptions) => Promise<void>;
  /** Whom one can log in as while the broker stays up. */
  readonly people: (demo: DemoAccounts) => DemoPeople;
}

export interface DemoClock {
  /** Milliseconds since the epoch; runs on. */
  readonly now: () => number;
  /** Set when the demo does not live at the real time: why, in a sentence. */
  readonly notice: string | undefined;
}

/** Apps and customers of a broker in demo mode. */
export interface DemoAccounts {
  readonly upstox: UpstoxDemo;
  readonly tradejini: TradejiniDemo;
}

export interface WalkOptions {
  /** Base URL of the broker. */
  readonly host: string;
  readonly demo: DemoAccounts;
  /** Leads the customer through the login pages. */
  readonly logIn: LogIn;
  readonly report: DemoReport;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}
