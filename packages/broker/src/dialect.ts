import type { Route, Schema, Webhook } from "@kunji/contract";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "./broker-context.ts";
import type { DialectIdentity } from "./dialect-identity.ts";
import type { NotifierMessage } from "./grants/token-request.ts";
import type { TokenRules } from "./grants/token-rules.ts";
import type { HttpFault } from "./http/http-fault.ts";
import type { OrderDetails } from "./orders/order-gateway.ts";
import type { OrderLineView } from "./pages/index.ts";
import type { Registration } from "./registration.ts";
import type { StaticIpRules } from "./static-ip-rules.ts";

/** A wire error: status and body in the dialect's shape. */
export interface WireError {
  readonly status: number;
  readonly body: object;
  readonly retryAfterSeconds?: number | undefined;
}

/** What shared code needs to know of a broker. A new broker is one folder and one line in dialects.ts. */
export interface Dialect extends DialectIdentity {
  /** Whether a path belongs to this dialect's API, so that its errors have the right shape. */
  readonly owns: (path: string) => boolean;
  /** The wire shape of a fault that no handler of the dialect has seen (S-110). */
  readonly describeFault: (fault: HttpFault) => WireError;
  /** The wire shape of an error its own handlers throw; undefined when it is none of them. */
  readonly describeError: (error: unknown) => WireError | undefined;
  /** Mounts API and pages, in reading order. */
  readonly register: (app: FastifyInstance, context: BrokerContext) => void;
  readonly tokenRules: TokenRules;
  /** What it takes to register apps and people. */
  readonly registration: Registration;
  /** Body of the webhook that carries an approved token; absent where the broker has no push approval. */
  readonly notifierMessage?: NotifierMessage;
  /** The login pages of the account console. */
  readonly loginPath: string;
  /** An order in words, for the console; absent where apps cannot place orders through a login. */
  readonly orderLine?: (order: OrderDetails) => OrderLineView;
  /** Addresses that people register for orders; absent where they register none. */
  readonly staticIps?: StaticIpRules;
  /** Name of a person in the dialect's profile, for pages. */
  readonly accountName: (profile: string) => string;
  /** What the OpenAPI document and the reference page are made from. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly errors: Readonly<Record<string, { readonly status: number; readonly message: string }>>;
  /** What the broker sends to the URLs of an app. */
  readonly webhooks?: readonly Webhook[];
  /** The body every error has. */
  readonly errorSchema: Schema;
  /** Where a standard OAuth client starts (RFC 8414); paths below the issuer. */
  readonly oauth: { readonly authorizationPath: string; readonly tokenPath: string };
}
