import type { Keeper } from "@kunji/keeper";
import type { Block } from "../block.ts";

/** Reads something of an account through the keeper, whose token renews under it. */
type Read<T> = (keeper: Keeper, account: string, signal: AbortSignal) => Promise<T>;

/** What the commands show of an account, by broker. */
export interface AccountViews {
  readonly profile: Read<Block>;
  readonly funds: Read<Block>;
  /** Static IPs registered for the account; undefined where the broker has no call for them. */
  readonly registeredIps: Read<readonly string[]> | undefined;
}

/** A broker is a folder and a line here. @param broker one of the keeper's */
export async function viewsOf(broker: string): Promise<AccountViews> {
  switch (broker) {
    case "upstox":
      return (await import("../upstox/account-views.ts")).upstoxViews;
    case "tradejini":
      return (await import("../tradejini/account-views.ts")).tradejiniViews;
    default:
      throw new TypeError(`nothing is known to show of an account at ${broker}`);
  }
}
