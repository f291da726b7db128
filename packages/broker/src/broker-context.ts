import type { FastifyRequest } from "fastify";
import type { DialectIdentity } from "./dialect-identity.ts";
import type { AddressReader } from "./http/client-address.ts";
import type { Cookies } from "./http/cookies.ts";
import type { RateLimiter, RateWindow } from "./http/rate-limit.ts";
import type { Headers } from "./http/security-headers.ts";
import type { SendQueue } from "./messages/send-queue.ts";
import type { BrokerMetrics } from "./metrics.ts";
import type { OrderGateway } from "./orders/order-gateway.ts";
import type { PageView } from "./pages/index.ts";
import type { BrokerParts } from "./parts.ts";
import type { WebhookUrlRules } from "./webhooks/address-guard.ts";

/** What request handlers need beside the parts of grants and logins. Made once by `createApp()`; never changes. */
export interface BrokerContext extends BrokerParts {
  /** Origin the broker is reached at; the OAuth issuer (S-09). Known once it listens. */
  readonly issuer: () => string;
  readonly cookies: Cookies;
  readonly addresses: AddressReader;
  /** Messages to people, sent after the answer has gone out (S-43). */
  readonly messages: SendQueue;
  /** What a notifier URL may be (S-64). */
  readonly webhookRules: WebhookUrlRules;
  /** Where orders go that a person approved. */
  readonly orders: OrderGateway;
  readonly metrics: BrokerMetrics;
  /** A quota of its own, counted by the broker's clock; the reset of a test empties it. */
  readonly createQuota: (...windows: RateWindow[]) => RateLimiter;
  /** Says that a delivery was written, so that the outbox looks now. */
  readonly wakeOutbox: () => void;
  /** What all pages share. */
  readonly page: (dialect: Pick<DialectIdentity, "brokerName">) => PageView;
  /** Header set of a page; with a validated redirect URI where its forms can leave to the app (S-53). */
  readonly pageHeaders: (redirectUri?: string) => Headers;
  readonly jsonHeaders: Headers;
  /** Where a request comes from, as throttles count it (S-51). */
  readonly sourceOf: (request: FastifyRequest) => string;
}
