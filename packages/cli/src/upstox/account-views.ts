import { UpstoxClient } from "@kunji/client";
import type { Block } from "../block.ts";
import type { AccountViews } from "../keeper/account-views.ts";
import { closedBlock, fundsBlock } from "./funds-block.ts";
import { profileBlock } from "./profile-block.ts";

/** What `kunji profile`, `kunji funds` and `kunji doctor` read of an Upstox account. */
export const upstoxViews: AccountViews = {
  async profile(keeper, account, signal) {
    const { userApi } = await keeper.upstox(account);
    return profileBlock((await userApi.getProfile("2.0", { signal })).data);
  },
  async funds(keeper, account, signal) {
    const { userApi } = await keeper.upstox(account);
    return await readFunds(userApi, signal);
  },
  async registeredIps(keeper, account, signal) {
    const { userApi } = await keeper.upstox(account);
    const { primaryIp, secondaryIp } = (await userApi.getUserIps({ signal })).data;
    return [primaryIp, secondaryIp].filter((ip): ip is string => typeof ip === "string" && ip !== "");
  },
};

/** From 00:00 to 05:30 IST the funds service is closed: that is an answer. */
export async function readFunds(userApi: UpstoxClient.UserApi, signal?: AbortSignal): Promise<Block> {
  try {
    return fundsBlock((await userApi.getUserFundMarginV3({ signal })).data);
  } catch (error) {
    if (!(error instanceof UpstoxClient.ClosedForTheNightException)) throw error;
    return closedBlock(error);
  }
}
