import type { AccountStatus } from "../account-status.ts";
import type { Keeper } from "../keeper.ts";

/** What the service needs of a keeper, and no more. */
export type KeeperForService = Pick<
  Keeper,
  "session" | "login" | "logout" | "check" | "status" | "accept" | "on" | "accounts" | "vault"
>;

/** Whether there is a token to hand out. */
export function isReady({ state }: AccountStatus): boolean {
  return state === "valid" || state === "expiring";
}
