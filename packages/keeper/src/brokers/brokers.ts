/**
 * The list of brokers. A third one is a file beside this one and a line in each table.
 */
import type { AccountProfile } from "../account.ts";
import type { Broker, BrokerWire } from "./broker.ts";
import type { Renewal } from "./renewing-call.ts";
import { type TradejiniApis, tradejiniApis, tradejiniBroker } from "./tradejini.ts";
import { type UpstoxApis, upstoxApis, upstoxBroker } from "./upstox.ts";

/** What `keeper.<broker>(account)` gives, by broker. */
export interface BrokerApis {
  readonly upstox: UpstoxApis;
  readonly tradejini: TradejiniApis;
}

export type BrokerName = keyof BrokerApis;

const makers: { readonly [Name in BrokerName]: (wire: BrokerWire) => Broker } = {
  upstox: upstoxBroker,
  tradejini: tradejiniBroker,
};

/** Makes a broker's API objects for an account. */
export const apiMakers: {
  readonly [Name in BrokerName]: (profile: AccountProfile, renewal: Renewal, wire: BrokerWire) => BrokerApis[Name];
} = {
  upstox: upstoxApis,
  tradejini: tradejiniApis,
};

export const brokerNames = Object.keys(makers) as BrokerName[];

/** Every broker, by name. */
export function openBrokers(wire: BrokerWire): ReadonlyMap<string, Broker> {
  return new Map(brokerNames.map((name) => [name, makers[name](wire)]));
}
