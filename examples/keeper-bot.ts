/**
 * A bot that never thinks about logins: it asks the keeper, and the keeper has a token, or waits for the one that
 * somebody's `kunji login upstox` (or the day's approval in `kunji keep`) brings.
 *
 * Needs an account in the vault: `kunji accounts add upstox`. KUNJI_UPSTOX_URL points it at a local broker.
 */
import { openKeeper } from "@kunji/keeper";

const keeper = await openKeeper({ wait: true, expiringMinutes: 30 });

keeper.on("loginRequired", ({ broker }) => console.log(`Waiting for a login: kunji login ${broker}`));
keeper.on("renewed", ({ broker }) => console.log(`There is a new ${broker} token`));
keeper.on("expiring", ({ expiresAt }) => {
  // Time to square off what must not run overnight.
  console.log(`The token ends at ${new Date((expiresAt ?? 0) * 1000).toISOString()}`);
});

try {
  // Their token renews under them: keep them for as long as the bot runs.
  const { userApi } = await keeper.upstox();

  const { data: profile } = await userApi.getProfile("2.0");
  console.log(`Trading as ${profile.userName} (${profile.userId})`);

  const { data: funds } = await userApi.getUserFundMarginV3();
  console.log(`Available to trade: ${funds.availableToTrade.total}`);

  // For a library that wants the token itself:
  const token = await keeper.token("upstox");
  console.log(`The token has ${token.length} characters`);
} finally {
  await keeper.close();
}
