import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { TradejiniDemoCustomer, TradejiniDemoUserApp } from "../tradejini/demo-tradejini.ts";
import type { CustomerAnswers } from "./scripted-customer.ts";

export interface TradejiniLoginOptions {
  /** Default: the first demo customer. */
  readonly customer?: TradejiniDemoCustomer;
  /** Sent in any case; empty by default. */
  readonly state?: string;
  readonly redirectUri?: string;
  /** Orders to place: the login then goes through order-connect. */
  readonly orders?: readonly object[];
  /** Default `otp`: an authenticator's code works once in 30 seconds, so one customer could not log in twice. */
  readonly twoFaType?: "otp" | "totp";
}

/** The address that starts a login: authorize, or order-connect with orders. */
export function tradejiniAuthorizationUrl(
  origin: string,
  app: TradejiniDemoUserApp,
  options: TradejiniLoginOptions,
): string {
  const query = new URLSearchParams({
    client_id: app.clientId,
    redirect_uri: options.redirectUri ?? app.redirectUri,
    response_type: "code",
    scope: "general",
    state: options.state ?? "",
    ...(options.orders === undefined ? {} : { params: JSON.stringify(options.orders) }),
  });
  const { path } = options.orders === undefined ? tradejiniRoutes.authorize : tradejiniRoutes.orderAuthorize;
  return `${origin}${path}?${query}`;
}

/** Where a customer reads the second factor's code. */
export interface TradejiniCodes {
  readonly type: "otp" | "totp";
  readonly read: () => Promise<string>;
}

/** What this customer types. With `otp` they ask for an SMS first. */
export function tradejiniAnswers(customer: TradejiniDemoCustomer, codes: TradejiniCodes): CustomerAnswers {
  return {
    fields: { client_code: customer.clientCode, password: customer.password, two_fa_type: codes.type },
    ask: { two_fa: codes.read },
    ...(codes.type === "otp" ? { press: { two_fa: "send_otp" } } : {}),
  };
}
