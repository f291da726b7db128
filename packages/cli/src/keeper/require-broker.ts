import type { BrokerInfo, Keeper } from "@kunji/keeper";
import { usageError } from "../command-error.ts";

/** The broker of a name. @throws CommandError that lists them when there is none */
export function requireBroker({ brokers }: Pick<Keeper, "brokers">, name: string): BrokerInfo {
  const found = brokers.find((broker) => broker.name === name);
  if (found !== undefined) return found;
  const names = brokers.map((broker) => broker.name).join(", ");
  throw usageError([`There is no broker of that name. Choose one of: ${names}.`]);
}
