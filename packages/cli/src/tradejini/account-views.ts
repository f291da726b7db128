import type { AccountViews } from "../keeper/account-views.ts";
import { detailsBlock } from "./details-block.ts";
import { limitsBlock } from "./limits-block.ts";

/** What `kunji profile` and `kunji funds` read of a Tradejini account. */
export const tradejiniViews: AccountViews = {
  async profile(keeper, account, signal) {
    const { accountApi } = await keeper.tradejini(account);
    return detailsBlock((await accountApi.getUserDetails({ signal })).d);
  },
  async funds(keeper, account, signal) {
    const { fundsApi } = await keeper.tradejini(account);
    return limitsBlock((await fundsApi.retrieveFundsLimits({ signal })).d);
  },
  // No API tells them; they are in the developer portal.
  registeredIps: undefined,
};
