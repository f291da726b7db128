import type { BrokerContext } from "../broker-context.ts";
import { readCredential } from "../crypto/credential.ts";
import type { Client, Flow } from "../store/clients.ts";
import { authenticateClient } from "./authenticate-client.ts";
import { CODE_PREFIX } from "./issue-code.ts";
import { mintAccessToken } from "./issue-token.ts";
import { type Redemption, redeemCode } from "./redeem-code.ts";
import { countBadSecret, isSourceBlocked } from "./secret-throttle.ts";
import type { TokenRules } from "./token-rules.ts";

/** A complete request at a token endpoint. */
export interface ExchangeRequest {
  readonly dialect: string;
  readonly rules: TokenRules;
  /** The app must be allowed one of these (S-25). */
  readonly flows: readonly Flow[];
  /** Network source, as throttles count it. */
  readonly source: string;
  readonly code: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly codeVerifier: string | undefined;
  readonly refreshExtendedToken: boolean;
}

export type Exchange =
  /** Too many wrong secrets came from there (S-23); the code is as it was. */
  | { readonly outcome: "source-blocked"; readonly retryAfterSeconds: number }
  | { readonly outcome: "client-refused" }
  | { readonly outcome: "client-inactive" }
  | { readonly outcome: "answered"; readonly client: Client; readonly redemption: Redemption };

/** Exchanges a code for a token. From the app's secret on, any attempt spends the code it names (D1). */
export async function exchangeCode(context: BrokerContext, request: ExchangeRequest): Promise<Exchange> {
  const { exchanges, throttled } = context.metrics;
  const began = performance.now();
  const exchange = await attempt(context, request);
  const outcome = exchange.outcome === "answered" ? exchange.redemption.outcome : exchange.outcome;
  exchanges.observe(request.dialect, outcome, (performance.now() - began) / 1000);
  if (outcome === "source-blocked") throttled.secrets.add();
  return exchange;
}

async function attempt(context: BrokerContext, request: ExchangeRequest): Promise<Exchange> {
  const { rules, source } = request;
  const now = context.clock.now();
  const wait = await isSourceBlocked(context, source, now);
  if (wait > 0) return { outcome: "source-blocked", retryAfterSeconds: wait };

  const authentication = await authenticateClient(context, request);
  const client = authentication.outcome === "authenticated" ? authentication.client : undefined;
  const mayUse = request.flows.some((flow) => client?.flows.includes(flow)) ? client : undefined;
  const exchange = {
    code: readCredential(CODE_PREFIX, request.code),
    client: mayUse,
    redirectUri: request.redirectUri,
    codeVerifier: request.codeVerifier,
    refreshExtendedToken: request.refreshExtendedToken,
    minted: mintAccessToken(context, rules, now),
    rules,
  };
  const redemption = await context.db.write(() => redeemCode(context, exchange, now));
  if (authentication.outcome === "inactive") return { outcome: "client-inactive" };
  if (authentication.outcome === "refused") {
    await countBadSecret(context, source, now);
    return { outcome: "client-refused" };
  }
  return { outcome: "answered", client: authentication.client, redemption };
}
