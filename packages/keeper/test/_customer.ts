import { get } from "node:http";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import {
  logInAsCustomer,
  type TestBroker,
  type TradejiniDemoCustomer,
  tradejiniAnswers,
  tradejiniMobile,
  type UpstoxDemoCustomer,
  upstoxAnswers,
} from "@kunji/broker/testing";
import type { Person } from "../src/index.ts";

/** What a person who is asked does. */
export interface ScriptedPerson extends Person {
  /** How often they were asked to log in. */
  readonly asked: () => number;
  /** Settles when the browser has shown the last page of every login so far. */
  readonly done: () => Promise<void>;
}

/** Whom the person at the browser logs in as; the first demo customers by default. */
export interface WhoLogsIn {
  readonly upstox?: UpstoxDemoCustomer | undefined;
  readonly tradejini?: TradejiniDemoCustomer | undefined;
  /** Resolves when the person gets to it. */
  readonly when?: () => Promise<void>;
  /** Told of the address that the browser is sent back to: it holds the authorization code. */
  readonly sawCallback?: (url: string) => void;
}

/** A customer who fills in the broker's real pages and follows the redirect to the loopback receiver. */
export function scriptedPerson(broker: TestBroker, who: WhoLogsIn = {}): ScriptedPerson {
  const logins: Promise<unknown>[] = [];
  return {
    openLogin({ id, url }) {
      logins.push(logInAt(broker, id.broker, url, who));
    },
    awaitApproval() {
      throw new Error("nobody approves in this test");
    },
    asked: () => logins.length,
    async done() {
      await Promise.all(logins);
    },
  };
}

/** Fills in the pages behind an address, and follows the redirect to whoever listens. @returns the last page */
export async function logInAt(broker: TestBroker, name: string, url: string, who: WhoLogsIn = {}): Promise<string> {
  await who.when?.();
  const { callbackUrl } = await logInAsCustomer(url, answersOf(broker, name, who));
  who.sawCallback?.(callbackUrl);
  return await visit(callbackUrl);
}

/** Opens an address as a browser does that was sent there, and follows its redirects. @returns the page */
export async function visit(url: string): Promise<string> {
  const { location, page } = await new Promise<{ location: string | undefined; page: string }>((resolve, reject) => {
    // Not `fetch`: it says of itself that it is a script, and scripts are refused (S-86).
    get(url, { agent: false }, (response) => {
      text(response).then((page) => resolve({ location: response.headers.location, page }), reject);
    }).once("error", reject);
  });
  return location === undefined ? page : await visit(new URL(location, url).href);
}

function answersOf(broker: TestBroker, name: string, who: WhoLogsIn) {
  const readOtp = async (mobileNumber: string): Promise<string> => {
    const message = (await broker.inbox()).find(({ to, otp }) => to === mobileNumber && otp !== undefined);
    if (message?.otp === undefined) throw new Error("no code was sent");
    return message.otp;
  };
  if (name === "upstox") return upstoxAnswers(who.upstox ?? first(broker.upstox.customers), readOtp);
  const customer = who.tradejini ?? first(broker.tradejini.customers);
  const read = () => readOtp(tradejiniMobile(broker.tradejini, customer));
  return tradejiniAnswers(customer, { type: "otp", read });
}

export function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error("the list is empty");
  return one;
}

/** A loopback redirect URI whose port nobody listens on. */
export async function freeRedirectUri(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/callback`;
}
