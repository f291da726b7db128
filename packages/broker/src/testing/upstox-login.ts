import { upstoxRoutes } from "@kunji/contract/upstox";
import type { UpstoxDemoApp, UpstoxDemoCustomer } from "../upstox/demo-upstox.ts";
import type { CustomerAnswers } from "./scripted-customer.ts";

export interface UpstoxLoginOptions {
  /** Default: the first demo customer. */
  readonly customer?: UpstoxDemoCustomer;
  readonly state?: string;
  readonly redirectUri?: string;
  /** PKCE S256 challenge. */
  readonly codeChallenge?: string;
}

/** The dialog's address for a login. */
export function upstoxAuthorizationUrl(origin: string, app: UpstoxDemoApp, options: UpstoxLoginOptions): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: app.clientId,
    redirect_uri: options.redirectUri ?? app.redirectUri,
    ...(options.state === undefined ? {} : { state: options.state }),
    ...(options.codeChallenge === undefined
      ? {}
      : { code_challenge: options.codeChallenge, code_challenge_method: "S256" }),
  });
  return `${origin}${upstoxRoutes.authorize.path}?${query}`;
}

/** What this customer types. @param readOtp finds the newest SMS code sent to a mobile number */
export function upstoxAnswers(
  customer: UpstoxDemoCustomer,
  readOtp: (mobileNumber: string) => Promise<string>,
): CustomerAnswers {
  return {
    fields: { mobile_number: customer.mobileNumber, pin: customer.pin },
    ask: { otp: () => readOtp(customer.mobileNumber) },
  };
}
