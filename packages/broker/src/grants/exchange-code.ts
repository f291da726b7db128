import type { BrokerContext } from "../broker-context.ts";
import { type MintedCredential, type PresentedCredential, readCredential } from "../crypto/credential.ts";
import type { BrokerParts } from "../parts.ts";
import type { Flow } from "../store/clients.ts";
import { type ExchangingClient, lookUpExchange } from "../store/exchange-lookup.ts";
import type { Verb } from "../store/verb.ts";
import { judgeSecret, secretDigest } from "./authenticate-client.ts";
import { CODE_PREFIX } from "./issue-code.ts";
import { mintAccessToken } from "./issue-token.ts";
import { punishRepeated, type Redemption, redeemCode } from "./redeem-code.ts";
import { countBadSecret, secondsBlocked, throttleKeyOf } from "./secret-throttle.ts";
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
  | { readonly outcome: "answered"; readonly client: ExchangingClient; readonly redemption: Redemption };

/** Exchanges a code for a token. From the app's secret on, any attempt spends the code it names (D1). */
export async function exchangeCode(context: BrokerContext, request: ExchangeRequest): Promise<Exchange> {
  const { exchanges, throttled } = context.metrics;
  const began = performance.now();
  // Unless it comes to something: the store was away, full or too slow.
  let outcome: string = "failed";
  try {
    const exchange = await attempt(context, request);
    outcome = exchange.outcome === "answered" ? exchange.redemption.outcome : exchange.outcome;
    if (outcome === "source-blocked") throttled.secrets.add();
    return exchange;
  } finally {
    exchanges.observe(request.dialect, outcome, (performance.now() - began) / 1000);
  }
}

async function attempt(context: BrokerContext, request: ExchangeRequest): Promise<Exchange> {
  const now = context.clock.now();
  const presented: Presented = {
    code: readCredential(CODE_PREFIX, request.code),
    secret: secretDigest(context, request.clientSecret),
    minted: mintAccessToken(context, request.rules, now),
  };
  const exchange = await context.db.write(() => decide(context, request, presented, now));
  if (exchange.outcome === "client-refused") await countBadSecret(context, request.source, now);
  const codeKey = presented.code?.rowKey;
  if (codeKey !== undefined && isRepeated(exchange)) {
    await context.db.write(() => punishRepeated(context, codeKey, now));
  }
  return exchange;
}

function isRepeated(exchange: Exchange): boolean {
  const redemption = exchange.outcome === "answered" ? exchange.redemption : undefined;
  return redemption?.outcome === "refused" && redemption.isRepeated === true;
}

/** What is computed of a request once, however often its transaction runs. */
interface Presented {
  /** Undefined when it cannot be one of ours. */
  readonly code: PresentedCredential | undefined;
  readonly secret: Buffer;
  /** The token to store if everything holds. */
  readonly minted: MintedCredential;
}

const UNKNOWN_KEY = "";

/** All of it in one transaction, so that the app and the code are judged as they are when the code is spent. */
function* decide(parts: BrokerParts, request: ExchangeRequest, presented: Presented, now: number): Verb<Exchange> {
  const { rules, source, clientId } = request;
  const codeKey = presented.code?.rowKey ?? UNKNOWN_KEY;
  const facts = yield* lookUpExchange({ throttleKey: throttleKeyOf(source), clientId, codeKey }, now);
  const wait = secondsBlocked(parts, facts.throttle, now);
  if (wait > 0) return { outcome: "source-blocked", retryAfterSeconds: wait };

  const authentication = judgeSecret(facts.client, presented.secret, { dialect: request.dialect, now });
  const client = authentication.outcome === "authenticated" ? authentication.client : undefined;
  const exchange = {
    presented: presented.code,
    code: facts.code,
    heldExtended: facts.heldExtended,
    client: request.flows.some((flow) => client?.flows.includes(flow)) ? client : undefined,
    redirectUri: request.redirectUri,
    codeVerifier: request.codeVerifier,
    refreshExtendedToken: request.refreshExtendedToken,
    minted: presented.minted,
    rules,
  };
  const redemption = yield* redeemCode(parts, exchange, now);
  if (authentication.outcome === "inactive") return { outcome: "client-inactive" };
  if (authentication.outcome === "refused") return { outcome: "client-refused" };
  return { outcome: "answered", client: authentication.client, redemption };
}
